"""Companies and environments on hosts, to be rendered: each a few lines apart from the next."""

from dataclasses import dataclass, field
from pathlib import Path

from chatops import environments
from chatops.deploy import images
from chatops.deploy.company import load_company
from chatops.deploy.render import Installation, plan

HEAD = """\
version: 1
company: {name: Nordlys Logistics, domain: nordlys.example, locale: da, timezone: Europe/Copenhagen}
"""
MATTERMOST = """\
chat: {platform: mattermost, edition: team, version: "11.7", url: https://chat.nordlys.example}
"""
ROCKETCHAT = """\
chat: {platform: rocketchat, version: "8.8", url: https://chat.nordlys.example}
"""
VIDEO = """\
video:
  url: https://meet.nordlys.example
  public_ips: [203.0.113.10]
"""
ACME = "tls: {mode: acme, email: it@nordlys.example}\n"
INTERNAL = "tls: {mode: internal}\n"
FILES = "tls: {mode: files, certificate: tls/chain.pem, key: file:tls/key.pem}\n"
CHAIN = "-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGUu\n-----END CERTIFICATE-----\n"
HOSTS = "target: hosts\n"
ALONE = "chat: {hosts: {chat-1: {ansible_host: 203.0.113.10}}}\n"
APART = """\
all:
  vars: {ansible_user: root}
  children:
    chat: {hosts: {chat-1: {ansible_host: 203.0.113.11, private_address: 10.0.0.11}}}
    database: {hosts: {data-1: {ansible_host: 203.0.113.12, private_address: 10.0.0.12}}}
    proxy: {hosts: {door-1: {ansible_host: 203.0.113.13, private_address: 10.0.0.13}}}
    video: {hosts: {meet-1: {ansible_host: 203.0.113.14, private_address: 10.0.0.14}}}
    video_bridges:
      hosts:
        bridge-1: {private_address: 10.0.0.15, public_ips: [203.0.113.15]}
        bridge-2: {private_address: 10.0.0.16, public_ips: [203.0.113.16, 10.0.0.16]}
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A company on hosts."""

    chat: str = MATTERMOST
    more: str = VIDEO + ACME
    environment: str = HOSTS
    hosts: str = ALONE
    files: dict[str, str] = field(default_factory=dict)


def written(case: Case, folder: Path) -> Path:
    """The company file of a case, with all that lies beside it."""
    there = folder / "inventories" / "prod"
    there.mkdir(parents=True)
    (there / "environment.yaml").write_text(case.environment, encoding="utf-8")
    if case.hosts:
        (there / "hosts.yml").write_text(case.hosts, encoding="utf-8")
    for name, text in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "company.yaml"
    # Meetings there, and no button for them in the chat.
    noted = "policy: {unsupported: note}\n" if "platform: rocketchat" in case.chat else ""
    path.write_text(HEAD + case.chat + case.more + noted, encoding="utf-8")
    return path


def installation(case: Case, folder: Path) -> Installation:
    """What a case comes to."""
    path = written(case, folder)
    company = load_company(path, env="prod")
    lock = images.read(folder / images.FILE)
    return plan(company, environments.load("prod", path), lock)[0]


CASES = {
    "mattermost": Case(),
    "rocketchat": Case(chat=ROCKETCHAT, more=VIDEO + "  guests: deny\n" + ACME),
    "apart": Case(hosts=APART, environment=HOSTS + "monitoring: true\n"),
    "rocketchat-apart": Case(chat=ROCKETCHAT, hosts=APART),
    "internal": Case(
        more=VIDEO + INTERNAL,
        environment=HOSTS
        + "images: {registry: registry.nordlys.example:5000/mirror, insecure: true}\n"
        + "firewall: {ssh_from: [10.0.0.0/8, 'fd00::/8']}\n"
        + "memory: {jicofo: 256MiB, bridge: 2GiB, mattermost: 4GiB}\n",
    ),
    "files": Case(
        more=FILES,
        environment=HOSTS
        + "images: {folder: images}\nfirewall: {enabled: false}\nupdates: false\n",
        files={"tls/chain.pem": CHAIN},
    ),
    "recording-and-relay": Case(
        more=VIDEO
        + "  recording: true\n"
        + "  turn: {url: 'turns:turn.nordlys.example:5349'}\n"
        + ACME,
        hosts=ALONE
        + "turn: {hosts: {chat-1: }}\n"
        + "recorders: {hosts: {record-1: {private_address: 10.0.0.9}}}\n"
        + "video: {hosts: {chat-1: {private_address: 10.0.0.8}}}\n",
    ),
    "relay-elsewhere": Case(
        more=VIDEO + "  turn: {url: 'turns:turn.nordlys.example:443'}\n" + ACME,
        hosts=ALONE + "turn: {hosts: {relay-1: {public_ips: [203.0.113.20]}}}\n",
    ),
    "open-with-a-stranger's-relay": Case(
        more=VIDEO
        + "  auth: open\n"
        + "  turn: {url: 'turn:turn.example.net:3478?transport=udp', secret: env:TURN_SECRET}\n"
        + ACME,
    ),
    "no-video-and-a-database-elsewhere": Case(
        more="storage: {database: {mode: external, url: env:DATABASE_URL}}\n" + ACME
    ),
}
