"""What an installation is made of, before it is text: hosts, parts, ports, folders, secrets."""

from dataclasses import dataclass, field
from typing import Final

from chatops.deploy.images import Locked
from chatops.hosting import Hosting

__all__ = [
    "PARTS",
    "ROOT",
    "Folder",
    "HostPlan",
    "Installation",
    "Network",
    "PartFile",
    "PartPlan",
    "Port",
    "SecretNeed",
    "SecretText",
    "Setup",
    "Unit",
]

ROOT: Final = "/opt/chatops"
"""Where everything of ours lies on a host: a folder for each part."""

PARTS: Final = (
    "postgres",
    "mongodb",
    "mattermost",
    "rocketchat",
    "jitsi",
    "bridge",
    "recorder",
    "turn",
    "monitoring",
    "proxy",
)
"""The parts, in starting order: the proxy is the door, and opens last."""


@dataclass(frozen=True, kw_only=True)
class PartFile:
    """A file on a host. `validate`: a command that must accept it, with %s for its path.

    `restarts`: the service that reads it only when it starts.
    """

    path: str
    text: str
    mode: int = 0o644
    owner: int = 0
    group: int = 0
    validate: str = ""
    restarts: str = ""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder that must be there before Docker makes it, as root's."""

    path: str
    mode: int
    owner: int
    group: int


@dataclass(frozen=True, kw_only=True)
class SecretNeed:
    """A secret by its name. `given` is where it comes from; empty: made once, kept in the vault.
    `said` is where the company file says so.

    `pasted`: a program puts it into a file of its own without quoting, so that only letters,
    digits and a few signs will do (`quoting.pasted`). `length`: of one that is made.
    """

    name: str
    why: str
    given: str = ""
    said: tuple[str, ...] = ()
    pasted: bool = False
    length: int = 40


@dataclass(frozen=True, kw_only=True)
class SecretText:
    """A file that holds secrets: pieces of text, and names of secrets in their places.

    `variables`: the file is an environment file, each value made of such pieces. Otherwise
    `whole` is what it holds. `restarts`: the service that reads it only when it starts.
    """

    path: str
    mode: int = 0o600
    owner: int = 0
    group: int = 0
    variables: tuple[tuple[str, tuple[str, ...]], ...] = ()
    whole: tuple[str, ...] = ()
    restarts: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of its secrets."""
        pieces = [p for _, pieces in self.variables for p in pieces] + list(self.whole)
        return tuple(sorted({p[1:] for p in pieces if p.startswith("\0")}))


@dataclass(frozen=True, order=True, kw_only=True)
class Port:
    """A port of a host. `address`: where it listens; empty for everywhere.

    `peers`: who may reach it; empty for everybody whom the address lets in.
    """

    protocol: str
    number: int
    address: str = ""
    peers: tuple[str, ...] = ()
    last: int = 0
    """Of a range; 0 for none."""

    @property
    def loopback(self) -> bool:
        """Whether only the host itself reaches it."""
        return self.address.startswith("127.")


@dataclass(frozen=True, order=True, kw_only=True)
class Network:
    """A network of Docker that several projects share."""

    name: str
    internal: bool = False


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A command inside a running service, repeatable; its last line is `changed` or `same`."""

    service: str
    command: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PartPlan:
    """One compose project on one host."""

    name: str
    images: tuple[tuple[str, Locked], ...]
    files: tuple[PartFile, ...]
    folders: tuple[Folder, ...] = ()
    secrets: tuple[SecretText, ...] = ()
    networks: tuple[Network, ...] = ()
    ports: tuple[Port, ...] = ()
    setup: tuple[Setup, ...] = ()
    healthy: tuple[str, ...] = ()
    healthy_at_end: tuple[str, ...] = ()
    memory_mib: int = 0
    disk_mib: int = 0

    @property
    def project(self) -> str:
        """Its name in Docker."""
        return f"chatops-{self.name}"

    @property
    def folder(self) -> str:
        """Its folder on the host."""
        return f"{ROOT}/{self.name}"

    @property
    def services(self) -> tuple[str, ...]:
        """Its services, as compose calls them."""
        return tuple(service for service, _ in self.images)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of systemd, enabled; reloaded when one of the files changes."""

    name: str
    reload_on: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HostPlan:
    """Everything of one host. `address` is what the other hosts reach it by."""

    name: str
    groups: tuple[str, ...]
    address: str
    ssh_port: int
    connection: str = ""
    """What Ansible reaches it by."""
    public_ips: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names of the internet that must lead to it."""
    parts: tuple[PartPlan, ...] = ()
    base: tuple[PartFile, ...] = ()
    units: tuple[Unit, ...] = ()

    @property
    def ports(self) -> tuple[Port, ...]:
        """All ports of its parts."""
        return tuple(sorted({port for part in self.parts for port in part.ports}))


@dataclass(frozen=True, kw_only=True)
class Installation:
    """A company's chat on its hosts, whole: what is written, installed and looked after."""

    environment: str
    platform: str
    edition: str
    version: str
    chat_url: str
    video_url: str
    tls: str
    timezone: str
    hosts: tuple[HostPlan, ...]
    secrets: tuple[SecretNeed, ...]
    hosting: Hosting = field(repr=False)

    @property
    def order(self) -> tuple[tuple[HostPlan, PartPlan], ...]:
        """Every part of every host, in starting order."""
        found = [(host, part) for host in self.hosts for part in host.parts]
        return tuple(sorted(found, key=lambda pair: PARTS.index(pair[1].name)))

    @property
    def unpinned(self) -> tuple[str, ...]:
        """The images without a digest: whatever their tag stands for that day."""
        images = {
            str(i.image) for _, part in self.order for _, i in part.images if not i.image.digest
        }
        return tuple(sorted(images))

    def host(self, name: str) -> HostPlan:
        """The host of this name. Raises KeyError."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)
