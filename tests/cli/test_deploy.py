"""The main job: a company file becomes a running chat, and stays as the file says."""

import csv
import json
import re
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.platforms.base import Credential, Target
from chatops.platforms.registry import platforms
from chatops.resources import Ids, Kind
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from chatops.vault import Vault
from tests.cli.conftest import COMPANY, run, sandbox_secret

EXAMPLE = Path(__file__).parents[2] / "examples" / "nordlys"
BOTH = pytest.mark.parametrize("product", sorted(platforms()))


@pytest.fixture
def company(tmp_path: Path, product: str) -> Iterator[Path]:
    """The example, with the one word changed."""
    folder = tmp_path / "nordlys"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".chatops", "build"))
    path = folder / "company.yaml"
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^(\s*platform: )mattermost", rf"\g<1>{product}", text)
    path.write_text(changed, encoding="utf-8")
    yield folder
    run(folder, "sandbox", "stop")


def address(out: str) -> str:
    found = re.search(r"the workspace: (http://127\.0\.0\.1:\d+)", out)
    assert found, out
    return found[1]


@BOTH
def test_the_main_job(company: Path, product: str) -> None:
    first = run(company, "deploy", "--yes")
    assert first.code == 0, first.err
    counts = re.search(r"Plan: (\d+) to create, (\d+) to update", first.out)
    done = re.search(r"(\d+) done in", first.out)
    assert counts and done, first.out
    # Whatever was shown and not done is named: a server that opens shut needs no shutting.
    settled = re.search(r"already so, now that there is a server: (.*)", first.err)
    named = settled[1].split(", ") if settled else []
    assert int(counts[1]) + int(counts[2]) == int(done[1]) + len(named)
    url = address(first.out)
    with urllib.request.urlopen(url) as page:
        text = page.read().decode()
    assert "Nordlys Logistics" in text
    second = run(company, "deploy", "--yes")
    assert second.code == 0, second.err
    assert "no changes" in second.out
    assert "0 changed by Ansible" in second.err
    assert address(second.out) == url

    # Stopped and started again it is the same company.
    assert run(company, "sandbox", "stop").code == 0
    assert run(company, "plan").code == 1
    third = run(company, "deploy", "--yes")
    assert third.code == 0, third.err
    assert "no changes" in third.out

    # Somebody changes a channel by hand: the plan shows it, the next deploy mends it.
    drift(company, product, address(third.out))
    plan = run(company, "plan", "--expect-no-changes")
    assert plan.code == 4
    assert "topic:" in plan.out
    assert run(company, "deploy", "--yes").code == 0
    assert run(company, "plan", "--expect-no-changes").code == 0


def drift(company: Path, product: str, url: str) -> None:
    from dataclasses import replace

    from chatops.platforms.base import Action, Change, Run

    credential = Credential(username="chatops", password=Secret(sandbox_secret(company, product)))
    server = platforms()[product].connect(Target(url=url, credential=credential))
    ids = Ids()
    for kind in (Kind.USER, Kind.TEAM):
        for live in server.handlers[kind].read(None, ids):
            ids.put(live.key, live.id)
    channels = {x.key.name: x for x in server.handlers[Kind.CHANNEL].read(None, ids)}
    there = channels["operations/dispatch"]
    server.handlers[Kind.CHANNEL].update(
        Change(
            action=Action.UPDATE,
            key=there.key,
            want=replace(there.resource, topic="changed by hand"),
            have=there,
            changed=("topic",),
        ),
        Run(ids=ids),
    )


@BOTH
def test_first_passwords_open_the_door(company: Path, product: str) -> None:
    done = run(company, "deploy", "--yes")
    assert done.code == 0, done.err
    path = company / f".chatops/sandbox/{product}/first-passwords.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    people = EXAMPLE.joinpath("people.csv").read_text(encoding="utf-8").count("\n") - 1
    assert len(rows) >= people - 2
    bo = next(r for r in rows if r["username"] == "bo")
    login = {
        "mattermost": ("/api/v4/users/login", {"login_id": "bo"}),
        "rocketchat": ("/api/v1/login", {"user": "bo"}),
    }[product]
    request = urllib.request.Request(
        address(done.out) + login[0],
        json.dumps({**login[1], "password": bo["password"]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


@BOTH
@pytest.mark.parametrize("named", [True, False], ids=["named-admin", "invented-admin"])
def test_a_server_without_a_user_gets_its_first_admin(
    tmp_path: Path, product: str, named: bool
) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % product, encoding="utf-8")
    env = {"CHATOPS_USERNAME": "first", "CHATOPS_PASSWORD": "First-admin-password-1!"}
    env = env if named else {}
    with Sandbox(product) as sandbox:
        words = ("--server", sandbox.url)
        plan = run(tmp_path, "plan", *words, env=env)
        assert plan.code == 0, plan.err
        assert "no user yet" in plan.out
        assert run(tmp_path, "plan", *words, env=env).out == plan.out
        done = run(tmp_path, "apply", "--yes", *words, env=env)
        assert done.code == 0, done.err
        assert run(tmp_path, "plan", "--expect-no-changes", *words, env=env).code == 0
        # What a person gave is hers to keep; what chatops made up is in the vault.
        kept = Vault(tmp_path / "vault.yaml", tmp_path / ".chatops", environ={}).contents()
        server = "server-" + sandbox.url.removeprefix("http://").replace(":", "_")
        assert ("first-admin" in kept.environments[server]) is not named
        assert not list(tmp_path.rglob("admin.json"))
        register = {
            "mattermost": ("/api/v4/users", {"username": "eve"}),
            "rocketchat": ("/api/v1/users.register", {"username": "eve", "name": "Eve"}),
        }[product]
        body = {**register[1], "email": "eve@x.example", "password": "Eve-wants-in-99!"}
        body |= {"pass": body["password"]} if product == "rocketchat" else {}
        request = urllib.request.Request(
            sandbox.url + register[0],
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code in (400, 403)
        refused.value.close()


def test_a_token_cannot_be_valid_on_an_empty_server(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(COMPANY % "mattermost", encoding="utf-8")
    with Sandbox("mattermost") as sandbox:
        done = run(
            tmp_path,
            *("apply", "--yes", "--server", sandbox.url),
            env={"CHATOPS_TOKEN": "some-token-of-26-characters"},
        )
        assert done.code == 1
        assert "no token can be valid" in done.err
