"""One blank host becomes a chat with meetings; then it is changed, broken, mended and rotated."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatops.vault import Vault
from tests.e2e.lab.images import Registry
from tests.e2e.lab.machines import Lab, Machine
from tests.e2e.lab.shell import CommandError, docker
from tests.e2e.outside import Container, containers, listening, open_ports
from tests.e2e.place import Done, Place, answer
from tests.e2e.watching import Watched, watching

CHAT, MEET, TURN = (f"{name}.nordlys.example" for name in ("chat", "meet", "turn"))
COMPANY: dict[str, Any] = {
    "version": 1,
    "company": {"name": "Nordlys Logistics", "domain": "nordlys.example"},
    "chat": {"platform": "mattermost", "edition": "team", "url": f"https://{CHAT}"},
    "video": {
        "provider": "jitsi",
        "url": f"https://{MEET}",
        "auth": "token",
        "guests": "wait",
        "turn": {"url": f"turns:{TURN}:5349"},
    },
    "tls": {"mode": "internal"},
    "sign_in": {"self_registration": False, "onboarding": "file"},
    "policy": {"unsupported": "note"},
    "users": [
        {"username": name, "name": name.title(), "email": f"{name}@nordlys.example"}
        | {"roles": ["admin"]}
        for name in ("ida", "bo")
    ],
    "teams": [
        {
            "name": "operations",
            "display_name": "Operations {{ 7 * 7 }}",
            "visibility": "invite",
            "members": ["everyone"],
            "channels": [{"name": "dispatch", "topic": "On duty: 112"}],
        }
    ],
}
SERVICES = {
    *("postgres", "mattermost", "proxy", "prosody", "jicofo", "web", "jvb", "coturn"),
}


@pytest.fixture(scope="module")
def host(machines: Lab) -> Iterator[Machine]:
    machine = machines.machine("chat-1", 11)
    # A resolver would say this.
    machine.sh(f"echo '{machine.address} {CHAT} {MEET} {TURN}' >> /etc/hosts")
    yield machine
    machines.remove(machine)


@pytest.fixture(scope="module")
def stranger(machines: Lab) -> Iterator[Machine]:
    machine = machines.machine("stranger", 66)
    yield machine
    machines.remove(machine)


@pytest.fixture(scope="module")
def place(
    machines: Lab,
    images: Registry,
    lock: str,
    host: Machine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Place:
    place = Place(tmp_path_factory.mktemp("nordlys"))
    (place.folder / "home").mkdir()
    place.write("company.yaml", with_addresses(host))
    place.write("chatops.lock", lock)
    place.inventory(machines, {"chat": [host], "turn": [host]})
    shutil.copy(images.ca_file, place.environment / "registry-ca.pem")
    place.write("inventories/prod/environment.yaml", environment(images))
    place.names = dict.fromkeys((CHAT, MEET, TURN), host.address)
    return place


def with_addresses(host: Machine) -> dict[str, Any]:
    return COMPANY | {"video": COMPANY["video"] | {"public_ips": [host.address]}}


def environment(images: Registry, **more: Any) -> dict[str, Any]:
    registry = {"registry": images.address, "ca_file": "registry-ca.pem"}
    return {"target": "hosts", "images": registry, **more}


@pytest.fixture(scope="module")
def first(place: Place) -> tuple[Done, Watched]:
    """The first deploy, watched by somebody who reads what every process shows."""
    with watching() as watched:
        done = place.chatops("deploy", "--env", "prod", "--yes", "--json")
    return done, watched


def curl(place: Place, url: str, *words: str) -> Done:
    ca = place.folder / "build" / "prod" / "ca.crt"
    return place.run(["curl", "--silent", "--show-error", "--cacert", str(ca), *words, url])


def test_a_host_whose_key_nobody_compared_is_not_entered(place: Place) -> None:
    known = place.environment / "known_hosts"
    kept = known.read_text()
    known.write_text("")
    try:
        done = place.chatops("plan", "--env", "prod")
    finally:
        known.write_text(kept)
    assert done.code == 1
    assert "error: the SSH host key of chat-1 (10.231.0.11, port 22) is not known" in done.err
    assert "ssh-keyscan -t ed25519 -p 22 10.231.0.11 >> " in done.err


def test_a_plan_tells_what_would_come_and_changes_nothing(place: Place, host: Machine) -> None:
    before = host.sh("find / -xdev -newer /etc/hosts -type f -not -path '/proc/*' | sort")
    done = place.chatops("plan", "--env", "prod", "--json")
    found = answer(done)
    told = {(c["role"], c["task"], c["what"]) for c in found["hosts"]}
    assert ("postgres", "Put files in place", "/opt/chatops/postgres/compose.yaml") in told
    assert ("postgres", "Renew a file with secrets", "/opt/chatops/postgres/secrets.env") in told
    assert ("base", "Put files in place", "/etc/chatops/firewall.nft") in told
    assert any(role == "packages" and "docker.io" in what for role, _, what in told)
    assert not (place.folder / "vault.yaml").exists()
    after = host.sh("find / -xdev -newer /etc/hosts -type f -not -path '/proc/*' | sort")
    new = set(after.splitlines()) - set(before.splitlines())
    assert not [p for p in new if not p.startswith(("/var/lib/apt/", "/var/cache/", "/var/log/"))]
    assert host.sh("command -v docker || echo none") == "none"


def test_a_blank_host_becomes_a_chat(first: tuple[Done, Watched], host: Machine) -> None:
    found = answer(first[0])
    assert found["hosts"]["changed"] > 0
    assert found["address"] == f"https://{CHAT}"
    running = containers(host)
    assert set(running) == SERVICES
    assert {(c.state, c.health) for c in running.values()} == {("running", "healthy")}


def test_no_process_showed_a_secret_and_none_is_left(
    first: tuple[Done, Watched], place: Place
) -> None:
    secrets = vault_values(place)
    assert len(secrets) >= 6
    done, watched = first
    assert watched.processes > 50, "somebody looked"
    for name, value in secrets.items():
        assert value not in done.out + done.err, name
        assert not watched.showing(value), name
    left = [place.folder, *Path("/dev/shm").glob("chatops-*"), *Path("/tmp").glob("chatops-*")]
    for root in left:
        for path in (p for p in root.rglob("*") if p.is_file()):
            text = path.read_bytes()
            for name, value in secrets.items():
                if path.name == "first-passwords.csv":
                    continue
                assert value.encode() not in text, f"{name} is in {path}"


def vault_values(place: Place) -> dict[str, str]:
    """Every secret that the environment has in the vault."""
    vault = Vault(place.folder / "vault.yaml", place.folder / ".chatops")
    kept = vault.contents().environments["prod"]
    return {name: entry.value.reveal() for name, entry in kept.items()}


def test_people_meet_a_page_over_https(place: Place) -> None:
    for name in (CHAT, MEET):
        done = curl(place, f"https://{name}/", "--write-out", "\n%{http_code}")
        assert done.out.splitlines()[-1] == "200", done.err
    refused = place.run(["curl", "--silent", "--show-error", f"https://{CHAT}/"])
    assert refused.code != 0, "only who trusts the authority gets in"


def test_nothing_else_is_open(place: Place, host: Machine, stranger: Machine) -> None:
    there = listening(host)
    assert {22, 80, 443, 8065} <= set(there)
    asked = sorted({*there, *range(1, 1025), 3000, 5222, 5280, 5432, 8000, 8080, 8888, 27017})
    assert open_ports(stranger, host.address, asked) == [22, 80, 443, 5349]


def test_what_docker_publishes_is_closed_all_the_same(host: Machine, stranger: Machine) -> None:
    image = host.sh("docker inspect --format '{{.Config.Image}}' chatops-jitsi-web-1")
    careless = "docker run --detach --name careless --publish 9999:8000 --entrypoint sleep"
    host.sh(f"{careless} {image} 60")
    try:
        assert host.sh("ss -Hltn 'sport = :9999'")
        assert open_ports(stranger, host.address, [9999]) == []
    finally:
        host.sh("docker rm --force careless")


def test_a_second_deploy_changes_nothing(place: Place, host: Machine) -> None:
    before = containers(host)
    found = answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))
    assert found["hosts"]["changed"] == 0, found["hosts"]
    assert found["events"] == []
    assert containers(host) == before
    again = place.chatops("plan", "--env", "prod", "--expect-no-changes")
    assert again.code == 0, again.out + again.err


def test_text_of_the_company_is_never_a_template(place: Place, host: Machine) -> None:
    found = answer(place.chatops("plan", "--env", "prod", "--json", "--verbose"))
    assert found["changes"] == []
    text = host.sh("grep -r '49' /opt/chatops --include=*.yaml --include=*.json || true")
    assert "Operations 49" not in text


def test_one_changed_key_starts_one_container_anew(
    place: Place, host: Machine, images: Registry
) -> None:
    before = containers(host)
    more = environment(images, memory={"mattermost": "1536MiB"})
    place.write("inventories/prod/environment.yaml", more)
    planned = answer(place.chatops("plan", "--env", "prod", "--json"))
    assert {c["role"] for c in planned["hosts"]} == {"mattermost"}
    found = answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))
    changed = {role for role, n in found["hosts"]["roles"].items() if n["changed"]}
    assert changed == {"mattermost"}
    after = containers(host)
    assert {name for name in SERVICES if after[name] != before[name]} == {"mattermost"}


def ill(place: Place) -> str:
    """What the doctor finds wrong; without Jitsi's own modules no token lets anybody in."""
    done = place.chatops("doctor", "--env", "prod", "--json")
    found = json.loads(done.out)
    assert {o["host"] for o in found} == {"", "chat-1"}
    bad = [o for o in found if o["state"] == "bad"]
    assert done.code == bool(bad)
    if not os.environ.get("CHATOPS_PROSODY_PLUGINS"):
        tokens = [o for o in bad if o["check"] == "video tokens"]
        assert [o["message"] for o in tokens] == ["a good token is refused: refused"]
        bad = [o for o in bad if o["check"] != "video tokens"]
    return "\n".join(f"{o['check']}: {o['message']}" for o in bad)


def test_the_doctor_finds_it_well(place: Place) -> None:
    assert ill(place) == ""
    parts = answer(place.chatops("status", "--env", "prod", "--json"))
    assert {p["part"] for p in parts} == {
        "postgres",
        "mattermost",
        "proxy",
        "jitsi",
        "bridge",
        "turn",
    }
    assert all(p["well"] for p in parts)


def test_what_somebody_broke_is_named_and_mended(place: Place, host: Machine) -> None:
    host.sh("docker stop chatops-postgres-postgres-1")
    host.sh("docker stop chatops-jitsi-jicofo-1")
    host.sh("echo '# mine' >> /opt/chatops/proxy/Caddyfile")
    host.sh("nft delete table inet chatops")
    told = ill(place)
    assert "containers: postgres: postgres is exited" in told
    assert "containers: jitsi: jicofo is exited" in told
    assert "video: jicofo" in told
    planned = answer(place.chatops("plan", "--env", "prod", "--json"))
    assert {c["role"] for c in planned["hosts"]} == {"base", "jitsi", "postgres", "proxy"}
    done = place.chatops("deploy", "--env", "prod", "--yes", "--json")
    found = answer(done)
    assert found["hosts"]["changed"] > 0
    assert ill(place) == ""
    assert {(c.state, c.health) for c in containers(host).values()} == {("running", "healthy")}
    assert "mine" not in host.sh("cat /opt/chatops/proxy/Caddyfile")
    host.sh("nft list table inet chatops")
    assert curl(place, f"https://{CHAT}/").code == 0
    assert (
        answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))["hosts"]["changed"] == 0
    )


def test_every_secret_is_rotated(place: Place, host: Machine) -> None:
    before = vault_values(place)
    made = [n for n in before if re.fullmatch(r"[a-z_]+", n)]
    assert {"database_password", "database_admin_password", "jicofo_password"} <= set(made)
    rotated = place.chatops("secret", "rotate", *made, "--env", "prod")
    assert rotated.code == 0, rotated.err
    found = answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))
    assert found["hosts"]["changed"] > 0
    after = vault_values(place)
    assert all(after[name] != before[name] for name in made)
    assert {(c.state, c.health) for c in containers(host).values()} == {("running", "healthy")}
    assert not signs_in(host, before["database_password"])
    assert signs_in(host, after["database_password"])
    assert (
        answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))["hosts"]["changed"] == 0
    )


def signs_in(host: Machine, password: str) -> bool:
    """Whether the chat's account of the database takes this password."""
    script = "psql -w -h 127.0.0.1 -U mattermost -d mattermost -c 'SELECT 1'"
    inside = ["docker", "exec", "-e", f"PGPASSWORD={password}", "chatops-postgres-postgres-1"]
    done = subprocess.run(
        ["docker", "exec", host.name, *inside, "sh", "-c", script],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_two_runs_do_not_meet_on_a_host(place: Place, host: Machine) -> None:
    hold = "exec 9>>/run/chatops.lock; flock 9; echo somebody > /run/chatops.lock.who; sleep 30"
    other = subprocess.Popen(["docker", "exec", host.name, "sh", "-c", hold])
    try:
        host.sh("for i in $(seq 50); do [ -s /run/chatops.lock.who ] && exit; sleep 0.1; done")
        done = place.chatops("deploy", "--env", "prod", "--yes")
    finally:
        other.terminate()
        other.wait(10)
        host.sh("pkill sleep || true")
    assert done.code == 5
    assert "another run is at work on chat-1" in done.err


def test_an_empty_chat_behind_an_open_door_is_shut_first(place: Place, host: Machine) -> None:
    """Who takes the data away makes a chat that would take anybody for its first admin."""
    host.sh("docker stop chatops-mattermost-mattermost-1 && rm -rf /opt/chatops/mattermost/data/*")
    done = place.chatops("deploy", "--env", "prod", "--yes")
    assert done.code == 0, done.err
    assert "the chat is empty: shutting the door until there is an admin" in done.err
    order = ["shutting the door", "registered the first admin", "opening the door"]
    places = [done.err.index(words) for words in order]
    assert places == sorted(places)
    assert curl(place, f"https://{CHAT}/").code == 0


def test_a_host_that_starts_again_is_the_same_chat(place: Place, host: Machine) -> None:
    docker("restart", "--time", "60", host.name)
    until = time.monotonic() + 180
    well = {("running", "healthy")}
    while {(c.state, c.health) for c in there(host)} != well and time.monotonic() < until:
        time.sleep(2)
    host.sh("nft list table inet chatops")
    assert ill(place) == ""
    again = place.chatops("plan", "--env", "prod", "--expect-no-changes")
    assert again.code == 0, again.out + again.err


def there(host: Machine) -> list[Container]:
    """Its containers; none while it starts."""
    with contextlib.suppress(CommandError):
        return list(containers(host).values())
    return []
