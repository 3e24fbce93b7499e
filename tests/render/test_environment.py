"""environment.yaml and hosts.yml of an environment on hosts: read whole, and every mistake told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatops import environments
from chatops.environments import WrongEnvironmentError
from chatops.errors import SpecError
from chatops.hosting import MEMORY, Hosting
from chatops.spec.text import findings_text
from tests.render.company import (
    ACME,
    ALONE,
    APART,
    CASES,
    CHAIN,
    FILES,
    HOSTS,
    MATTERMOST,
    VIDEO,
    Case,
    installation,
    written,
)

GOLDEN = Path(__file__).parent / "golden"


def hosting(case: Case, folder: Path) -> Hosting:
    found = environments.load("prod", written(case, folder)).hosting
    assert found is not None
    return found


def test_little_is_enough(tmp_path: Path) -> None:
    found = hosting(Case(), tmp_path)
    (host,) = found.inventory.hosts
    assert (host.name, host.connection, host.ssh_port) == ("chat-1", "203.0.113.10", 22)
    assert found == Hosting(inventory=found.inventory)


def test_all_of_it_is_read(tmp_path: Path) -> None:
    text = """\
target: hosts
images: {registry: "registry.nordlys.example:5000/mirror", ca_file: ca.pem, allow_unpinned: true}
docker:
  source: docker
  apt_repository: https://mirror.nordlys.example/docker/
  apt_key_url: https://mirror.nordlys.example/docker.asc
firewall: {enabled: false, ssh_from: 10.0.0.0/8}
memory: {jicofo: 256MiB, mattermost: 4GiB}
monitoring: true
updates: false
"""
    files = {"inventories/prod/ca.pem": CHAIN}
    found = hosting(Case(environment=text, hosts=APART, files=files), tmp_path)
    assert found == Hosting(
        inventory=found.inventory,
        registry="registry.nordlys.example:5000/mirror",
        registry_ca=CHAIN,
        registry_ca_file=str(tmp_path / "inventories/prod/ca.pem"),
        allow_unpinned=True,
        docker_source="docker",
        docker_apt="https://mirror.nordlys.example/docker",
        docker_key="https://mirror.nordlys.example/docker.asc",
        firewall=False,
        ssh_from=("10.0.0.0/8",),
        memory=MEMORY | {"jicofo": 256, "mattermost": 4096},
        monitoring=True,
        updates=False,
    )
    bridges = [(h.name, h.public_ips) for h in found.inventory.group("video_bridges")]
    assert bridges == [
        ("bridge-1", ("203.0.113.15",)),
        ("bridge-2", ("203.0.113.16", "10.0.0.16")),
    ]


def test_what_is_ansible_s_own_is_let_be(tmp_path: Path) -> None:
    text = """\
all:
  vars:
    ansible_user: root
    ansible_become_password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      3132
  hosts:
    jump: {ansible_host: jump.nordlys.example}
  children:
    servers:
      children:
        chat:
          hosts:
            chat-1:
              ansible_host: 203.0.113.10
              ansible_port: 2222
              ansible_ssh_private_key_file: "{{ lookup('env', 'KEY') }}"
"""
    inventory = hosting(Case(hosts=text), tmp_path).inventory
    assert [h.name for h in inventory.group("servers")] == ["chat-1"]
    assert [h.ssh_port for h in inventory.group("chat")] == [2222]
    assert {h.name for h in inventory.group("all")} == {"jump", "chat-1"}


WRONG_FILES = {
    "no-inventory": Case(hosts=""),
    "empty-inventory": Case(hosts="all:\n"),
    "inventory-syntax": Case(hosts="chat: {hosts: [\n"),
    "inventory-shape": Case(
        hosts="chat: [chat-1]\n"
        "video: {host: {meet-1: }}\n"
        "proxy: {hosts: {'door[1:3]': , '../door': }}\n"
        "database: {hosts: {data-1: {private_address: db.local, ansible_port: ssh}}}\n"
        "video_bridges: {hosts: {b-1: {public_ips: [bridge.nordlys.example]}}}\n"
    ),
    "options": Case(
        environment="target: hosts\n"
        "image: {}\n"
        "images: {registry: https://registry.nordlys.example, folder: images, insecure: maybe}\n"
        "docker: {source: snap, apt_repository: mirror.nordlys.example}\n"
        "firewall: {ssh_from: [office, 10.0.0.1/8]}\n"
        "memory: {jicofo: 256, mattermost: 2GB, bridge: 1MiB, redis: 1GiB}\n"
        "monitoring: 'yes'\n"
    ),
    "registry-and-folder": Case(
        environment=HOSTS
        + "images: {registry: 'registry:5000', folder: images, ca_file: key.pem}\n",
        files={"inventories/prod/key.pem": "-----BEGIN PRIVATE KEY-----\n"},
    ),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_every_mistake_in_the_files_is_told(
    name: str, tmp_path: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(WRONG_FILES[name], tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongEnvironmentError) as caught:
        environments.load("prod", Path("company.yaml"))
    text = f"{caught.value}\n\n{findings_text(caught.value.findings)}"
    golden(GOLDEN / f"wrong-{name}.txt", text)


CHATLESS = "chat: {platform: mattermost}\n"
RELAY = "  turn: {url: 'turns:turn.nordlys.example:443'}\n"
SENSELESS = {
    "no-address": Case(chat=CHATLESS, more=""),
    "plain-http": Case(
        chat="chat: {platform: mattermost, url: 'http://chat.nordlys.example/team'}\n",
        more="video: {url: 'http://chat.nordlys.example', public_ips: [127.0.0.1, 224.0.0.1]}\n",
    ),
    "one-name-for-two": Case(
        more="video: {url: 'https://chat.nordlys.example', public_ips: [203.0.113.1]}\n"
    ),
    "no-public-address": Case(more="video: {url: 'https://meet.nordlys.example'}\n" + ACME),
    "bridges-without-addresses": Case(
        hosts=ALONE + "video_bridges: {hosts: {b-1: {private_address: 10.0.0.1}, b-2: {}}}\n"
    ),
    "acme-for-nobody": Case(
        chat="chat: {platform: mattermost, url: 'https://10.0.0.5'}\n",
        more="video: {url: 'https://meet.office.lan', public_ips: [10.0.0.5]}\n",
    ),
    "files-that-lack": Case(more="tls: {mode: files, certificate: tls/chain.pem}\n"),
    "files-with-a-key": Case(
        more=FILES, files={"tls/chain.pem": CHAIN + "-----BEGIN PRIVATE KEY-----\n"}
    ),
    "relay-on-the-door": Case(more=VIDEO + RELAY, hosts=ALONE + "turn: {hosts: {chat-1: }}\n"),
    "relay-of-a-stranger": Case(more=VIDEO + RELAY),
    "two-chats": Case(hosts="chat: {hosts: {a: , b: }}\n"),
    "no-chat": Case(hosts="video: {hosts: {a: , b: }}\n"),
    "apart-without-addresses": Case(hosts=ALONE + "database: {hosts: {data-1: }}\n"),
    "twins": Case(
        hosts="chat: {hosts: {a: {private_address: 10.0.0.1}}}\n"
        "database: {hosts: {b: {private_address: 10.0.0.1}}}\n"
    ),
    "external-without-url": Case(more="storage: {database: {mode: external}}\n" + ACME),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_what_makes_no_sense_is_told_before_anything_is_written(
    name: str, tmp_path: Path, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError) as caught:
        installation(SENSELESS[name], Path())
    assert caught.value.exit_code == 3
    golden(GOLDEN / f"senseless-{name}.txt", findings_text(caught.value.findings))


def test_there_are_cases_of_both_chats() -> None:
    assert {c.chat for c in CASES.values()} > {MATTERMOST}
