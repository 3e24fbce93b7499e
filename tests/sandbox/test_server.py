"""The server: in a thread for tests, in the foreground for people, over restarts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chatops.sandbox import Sandbox
from chatops.sandbox.server import parse_admin
from tests.sandbox.conftest import PASSWORD, Api, administrator

CODE = "from chatops.sandbox.server import serve; import sys; from pathlib import Path; "
SERVE = CODE + "serve('mattermost', 0, Path(sys.argv[1]) if sys.argv[1:] else None)"


def test_health_says_what_it_is(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/_sandbox/health", timeout=30).json()
    assert answer == {"product": "mattermost", "version": "11.6.0", "stand_in": True}


def test_a_restart_keeps_address_and_memory(sandbox: Sandbox, admin: Api) -> None:
    before, ann = sandbox.url, admin.person("ann")
    sandbox.restart()
    assert sandbox.url == before
    # The session is kept as well.
    assert admin.ok("GET", "/users/username/ann")["id"] == ann


def test_everything_survives_on_disk(tmp_path: Path) -> None:
    with Sandbox("mattermost", tmp_path) as sandbox:
        admin = administrator(sandbox)
        ann = admin.person("ann")
        token = admin.ok("POST", f"/users/{ann}/tokens", json={"description": "x"})["token"]
        team = admin.team("eng", ann)
        channel = admin.channel(team, "dev")
        admin.ok("POST", f"/channels/{channel}/members", json={"user_id": ann})
        admin.ok("POST", "/posts", json={"channel_id": channel, "message": "hello"})
        patch = {"TeamSettings": {"SiteName": "Acme"}}
        admin.ok("PUT", "/config/patch", json=patch)
        seen = sandbox.workspace.view()
    with Sandbox("mattermost", tmp_path) as sandbox:
        assert sandbox.workspace.view() == seen
        ann_again = Api(sandbox.url)
        ann_again.http.headers["Authorization"] = f"Bearer {token}"
        assert ann_again.ok("GET", "/users/me")["id"] == ann
        assert Api(sandbox.url).login("ann").ok("GET", "/users/me")["id"] == ann
        config = administrator(sandbox).ok("GET", "/config")
        assert config["TeamSettings"]["SiteName"] == "Acme"


def test_the_rate_limit_acts_after_a_restart(sandbox: Sandbox, admin: Api) -> None:
    patch = {"RateLimitSettings": {"Enable": True, "PerSec": 1, "MaxBurst": 3}}
    admin.ok("PUT", "/config/patch", json=patch)
    calm = [admin.call("GET", "/system/ping") for _ in range(8)]
    assert {answer.status_code for answer in calm} == {200}
    assert "X-RateLimit-Limit" not in calm[0].headers
    sandbox.restart()
    answers = [admin.call("GET", "/system/ping") for _ in range(12)]
    assert answers[0].status_code == 200
    assert answers[0].headers["X-RateLimit-Limit"] == "4"
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)


def test_the_picture_of_a_workspace(sandbox: Sandbox, admin: Api) -> None:
    ann = admin.person("ann")
    admin.ok("PUT", f"/users/{ann}/patch", json={"first_name": "Ann", "position": "CTO"})
    channel = admin.channel(admin.team("eng", ann), "dev", "P")
    admin.ok("PUT", f"/channels/{channel}/patch", json={"header": "on call: ann"})
    admin.ok("POST", "/posts", json={"channel_id": channel, "message": "hello"})
    view = sandbox.workspace.view()
    (team,) = view.teams
    found = {channel.name: channel for channel in team.channels}
    assert set(found) == {"town-square", "off-topic", "dev"}
    assert (found["dev"].private, found["dev"].topic) == (True, "on call: ann")
    assert found["dev"].members == ("root",)
    assert [m.text for m in found["dev"].messages if not m.system] == ["hello"]
    (person,) = [person for person in view.people if person.username == "ann"]
    assert (person.name, person.title, person.active) == ("Ann", "CTO", True)


def test_a_first_administrator_is_made_once(sandbox: Sandbox) -> None:
    administrator(sandbox)
    sandbox.workspace.seed_admin("root", "another-Passw0rd", "else@acme.example")
    assert Api(sandbox.url).login("root").ok("GET", "/users/me")["email"] == "root@acme.example"


def test_parse_admin() -> None:
    assert parse_admin("root:pa:ss:root@acme.example") == ("root", "pa:ss", "root@acme.example")
    for wrong in ("", "root", "root:pass", ":pass:mail", "root::mail"):
        with pytest.raises(ValueError, match="NAME:PASSWORD:EMAIL"):
            parse_admin(wrong)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    environment = os.environ | {"CHATOPS_SANDBOX_ADMIN": f"root:{PASSWORD}:root@acme.example"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path / "state")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout
    yield process.stdout.readline().strip(), process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_in_the_foreground(
    served: tuple[str, "subprocess.Popen[str]"], tmp_path: Path, number: signal.Signals
) -> None:
    url, process = served
    assert url.startswith("http://127.0.0.1:")
    # A connection that is kept open does not keep the server from ending.
    admin = Api(url).login("root")
    assert admin.ok("GET", "/users/me")["roles"] == "system_admin system_user"
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")
    assert (tmp_path / "state" / "sandbox.sqlite3").exists()
