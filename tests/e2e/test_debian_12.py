"""Debian 12 has no Compose v2: the engine comes from Docker's repository, here from a stand-in."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.lab.images import Registry
from tests.e2e.lab.machines import Lab, Machine
from tests.e2e.lab.repository import docker_repository
from tests.e2e.lab.rootfs import BOOKWORM
from tests.e2e.outside import containers, open_ports
from tests.e2e.place import Place, answer

CHAT = "chat.nordlys.example"
COMPANY: dict[str, Any] = {
    "version": 1,
    "company": {"name": "Nordlys Logistics", "domain": "nordlys.example"},
    "chat": {"platform": "mattermost", "edition": "team", "url": f"https://{CHAT}"},
    "tls": {"mode": "internal"},
    "sign_in": {"self_registration": False, "onboarding": "file", "break_glass": "bo"},
    "users": [
        {"username": name, "name": name.title(), "email": f"{name}@nordlys.example"}
        | {"roles": ["admin"]}
        for name in ("ida", "bo")
    ],
}


@pytest.fixture(scope="module")
def host(machines: Lab) -> Iterator[Machine]:
    machine = machines.machine("old-1", 31, BOOKWORM)
    machine.sh(f"echo '{machine.address} {CHAT}' >> /etc/hosts")
    yield machine
    machines.remove(machine)


@pytest.fixture(scope="module")
def place(
    machines: Lab,
    images: Registry,
    lock: str,
    host: Machine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("nordlys"))
    (place.folder / "home").mkdir()
    place.write("company.yaml", COMPANY)
    place.write("chatops.lock", lock)
    place.inventory(machines, {"chat": [host]})
    shutil.copy(images.ca_file, place.environment / "registry-ca.pem")
    place.names = {CHAT: host.address}
    with docker_repository() as address:
        place.write(
            "inventories/prod/environment.yaml",
            {
                "target": "hosts",
                "images": {"registry": images.address, "ca_file": "registry-ca.pem"},
                "docker": {"apt_repository": address},
            },
        )
        yield place


def test_a_blank_host_becomes_a_chat(place: Place, host: Machine) -> None:
    found = answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))
    assert found["summary"] == {"done": len(found["events"])}
    running = containers(host)
    assert set(running) == {"postgres", "mattermost", "proxy"}
    assert {(c.state, c.health) for c in running.values()} == {("running", "healthy")}
    packages = host.sh("dpkg-query --show --showformat '${db:Status-Status} ${Package}\\n'")
    assert "installed docker-ce\n" in packages
    assert "installed docker.io\n" not in packages
    assert open_ports(host, host.address, [443]) == [443]


def test_a_second_deploy_changes_nothing(place: Place, host: Machine) -> None:
    before = containers(host)
    found = answer(place.chatops("deploy", "--env", "prod", "--yes", "--json"))
    assert found["hosts"]["changed"] == 0, found["hosts"]
    assert found["events"] == []
    assert containers(host) == before
