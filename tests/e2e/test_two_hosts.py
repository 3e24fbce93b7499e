"""Rocket.Chat on one host, its database on another, images from tar files, no registry at all."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from chatops.deploy.images import packaged
from chatops.vault import Vault
from tests.e2e.lab.images import image
from tests.e2e.lab.machines import Lab, Machine
from tests.e2e.lab.shell import docker
from tests.e2e.outside import containers, open_ports
from tests.e2e.place import Place, answer

CHAT = "chat.nordlys.example"
COMPANY: dict[str, Any] = {
    "version": 1,
    "company": {"name": "Nordlys Logistics", "domain": "nordlys.example"},
    "chat": {"platform": "rocketchat", "edition": "community", "url": f"https://{CHAT}"},
    "tls": {"mode": "internal"},
    "sign_in": {"self_registration": False, "onboarding": "file"},
    "policy": {"unsupported": "note"},
    "users": [
        {"username": name, "name": name.title(), "email": f"{name}@nordlys.example"}
        | {"roles": ["admin"]}
        for name in ("ida", "bo")
    ],
}


@pytest.fixture(scope="module")
def hosts(machines: Lab) -> Iterator[tuple[Machine, Machine, Machine]]:
    """The chat's, the database's, and one that has nothing to do with it."""
    chat, data, stranger = (
        machines.machine(name, last)
        for name, last in (("chat-1", 21), ("data-1", 22), ("away", 66))
    )
    for machine in (chat, data):
        machine.sh(f"echo '{chat.address} {CHAT}' >> /etc/hosts")
    yield chat, data, stranger
    for machine in (chat, data, stranger):
        machines.remove(machine)


@pytest.fixture(scope="module")
def place(
    machines: Lab,
    hosts: tuple[Machine, Machine, Machine],
    tmp_path_factory: pytest.TempPathFactory,
) -> Place:
    chat, data, _ = hosts
    place = Place(tmp_path_factory.mktemp("nordlys"))
    (place.folder / "home").mkdir()
    place.write("company.yaml", COMPANY)
    place.inventory(machines, {"chat": [chat], "database": [data]})
    (place.environment / "images").mkdir()
    lines = ["version: 1", "images:"]
    for key in ("caddy", "mongodb", "rocketchat"):
        lines += archive(place, key)
    place.write("chatops.lock", "\n".join(lines) + "\n")
    place.write(
        "inventories/prod/environment.yaml",
        {
            "target": "hosts",
            "images": {"folder": "images"},
            # The test machines are containers, which may not raise their limit.
            "open_files": 16000,
        },
    )
    place.names = {CHAT: chat.address}
    return place


def archive(place: Place, key: str) -> list[str]:
    """Save an image as a tar file under the name of the lock; its lines for the lock."""
    locked = packaged().images[key].image
    name = f"{locked.repository}:{locked.tag}".removeprefix("docker.io/").removeprefix("library/")
    local = image(key)
    docker("tag", local, name)
    docker("save", "--output", str(place.environment / "images" / locked.archive), name)
    docker("rmi", "--no-prune", name)
    config = docker("image", "inspect", "--format", "{{.Id}}", local)
    return [
        f"  {key}:",
        f"    repository: {locked.repository}",
        f'    tag: "{locked.tag}"',
        # Of a tar file the digest of the configuration is all that can be told.
        f"    digest: {config}",
        "    platforms:",
        f"      linux/amd64: {{manifest: '{config}', config: '{config}'}}",
    ]


def deploy(place: Place) -> dict[str, Any]:
    return dict(answer(place.chatops("deploy", "--env", "prod", "--yes", "--json")))


def test_two_blank_hosts_become_a_chat(
    place: Place, hosts: tuple[Machine, Machine, Machine]
) -> None:
    chat, data, _ = hosts
    found = deploy(place)
    assert found["summary"] == {"done": len(found["events"])}
    assert set(containers(chat)) == {"rocketchat", "proxy"}
    assert set(containers(data)) == {"mongodb"}
    for machine in (chat, data):
        states = {(c.state, c.health) for c in containers(machine).values()}
        assert states == {("running", "healthy")}


def test_a_second_deploy_changes_nothing(
    place: Place, hosts: tuple[Machine, Machine, Machine]
) -> None:
    before = [containers(machine) for machine in hosts[:2]]
    assert deploy(place)["hosts"]["changed"] == 0
    assert [containers(machine) for machine in hosts[:2]] == before


def test_the_database_is_open_to_the_chat_alone(
    hosts: tuple[Machine, Machine, Machine],
) -> None:
    chat, data, stranger = hosts
    assert open_ports(chat, data.address, [22, 27017]) == [22, 27017]
    assert open_ports(stranger, data.address, [22, 80, 443, 27017]) == [22]
    assert open_ports(stranger, chat.address, [22, 80, 443, 3000]) == [22, 80, 443]


def test_every_secret_is_rotated(place: Place, hosts: tuple[Machine, Machine, Machine]) -> None:
    vault = Vault(place.folder / "vault.yaml", place.folder / ".chatops")
    made = {
        name: entry.value.reveal()
        for name, entry in vault.contents().environments["prod"].items()
        if name.isidentifier()
    }
    assert set(made) == {"database_password", "database_admin_password", "mongodb_key"}
    assert place.chatops("secret", "rotate", *made, "--env", "prod").code == 0
    assert deploy(place)["hosts"]["changed"] > 0
    for machine in hosts[:2]:
        states = {(c.state, c.health) for c in containers(machine).values()}
        assert states == {("running", "healthy")}
    data = hosts[1]
    assert not enters(data, made["database_password"])
    fresh = Vault(place.folder / "vault.yaml", place.folder / ".chatops")
    now = fresh.contents().environments["prod"]["database_password"].value.reveal()
    assert enters(data, now)
    assert deploy(place)["hosts"]["changed"] == 0


def enters(data: Machine, password: str) -> bool:
    """Whether the database takes this password of the chat's account."""
    script = (
        "const db = connect('mongodb://127.0.0.1:27017/admin').getSiblingDB('rocketchat');"
        "db.auth('rocketchat', process.env.WORD); print('in')"
    )
    inside = ["docker", "exec", "--env", f"WORD={password}", "chatops-mongodb-mongodb-1"]
    write = 'printf "%s" "$0" > /tmp/try.js && mongosh --quiet --norc --nodb /tmp/try.js'
    done = subprocess.run(
        ["docker", "exec", data.name, *inside, "sh", "-c", write, script],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() == "in"


def test_a_database_does_not_move_by_the_way(
    machines: Lab, place: Place, hosts: tuple[Machine, Machine, Machine]
) -> None:
    chat, data, _ = hosts
    before = containers(data)
    place.inventory(machines, {"chat": [chat], "proxy": [data]})
    try:
        done = place.chatops("deploy", "--env", "prod", "--yes")
    finally:
        place.inventory(machines, {"chat": [chat], "database": [data]})
    assert done.code == 5
    assert "no longer wanted, and full of data: mongodb on data-1" in done.err
    assert containers(data) == before


def test_another_image_than_the_lock_names_is_refused(
    place: Place, hosts: tuple[Machine, Machine, Machine]
) -> None:
    chat = hosts[0]
    lock = place.folder / "chatops.lock"
    kept = lock.read_text()
    locked = packaged().images["caddy"].image
    before = containers(chat)["proxy"]
    wrong = "sha256:" + "0" * 64
    own = docker("image", "inspect", "--format", "{{.Id}}", image("caddy"))
    lock.write_text(kept.replace(own, wrong))
    try:
        done = place.chatops("deploy", "--env", "prod", "--yes")
    finally:
        lock.write_text(kept)
    assert done.code == 1
    assert f"{locked.archive} holds {own}, which is not what chatops.lock says" in done.err
    assert containers(chat)["proxy"] == before
