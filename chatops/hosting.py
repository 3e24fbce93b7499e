"""What an environment says of its hosts besides the inventory: images, Docker, firewall, memory."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chatops.blocks import Blocks
from chatops.inventory import FILE, Inventory, read
from chatops.ordinary import MOST_OF_A_SECRET, read_ordinary
from chatops.spec.nodes import Mapping

__all__ = ["KEYS", "MEMORY", "Hosting", "read_hosting"]

MEMORY: Final = {
    "postgres": 1024,
    "mongodb": 2048,
    "mattermost": 2048,
    "rocketchat": 2048,
    "web": 256,
    "prosody": 512,
    "jicofo": 512,
    "bridge": 1024,
    "recorder": 4096,
    "turn": 256,
    "prometheus": 512,
    "grafana": 512,
    "proxy": 256,
}
"""MiB that each program gets unless the environment says otherwise. For jicofo and the bridge it
is the heap of Java, which they would take 3 GiB for; their containers get more."""

KEYS: Final = (
    "target",
    "images",
    "docker",
    "firewall",
    "memory",
    "monitoring",
    "updates",
    "open_files",
    "plugins",
)
OPEN_FILES: Final = 64_000
"""What MongoDB asks for (its administration pages, "UNIX ulimit Settings")."""
DOCKER_APT: Final = "https://download.docker.com/linux"
_SIZE: Final = re.compile(r"([0-9]{1,7})(MiB|GiB)")


@dataclass(frozen=True, kw_only=True)
class Hosting:
    """The options of an environment on hosts.

    `registry`: one's own in place of all public ones. `archives`: a folder with tar files of
    the images, for places without any. `registry_ca`: the text of the certificate that signed
    it. `docker_key`: empty for the repository's own `DISTRIBUTION/gpg`. `memory`: MiB by program.
    """

    inventory: Inventory
    registry: str = ""
    registry_ca: str = ""
    registry_ca_file: str = ""
    registry_insecure: bool = False
    archives: str = ""
    allow_unpinned: bool = False
    docker_source: str = "auto"
    docker_apt: str = DOCKER_APT
    docker_key: str = ""
    firewall: bool = True
    ssh_from: tuple[str, ...] = ()
    memory: dict[str, int] = field(default_factory=lambda: dict(MEMORY))
    monitoring: bool = False
    updates: bool = True
    open_files: int = OPEN_FILES
    """Of the database; a host that is itself a container may allow fewer."""


def read_hosting(blocks: Blocks) -> Hosting | None:
    """The options and the inventory; None after findings."""
    blocks.keys((), KEYS)
    inventory = read(blocks.folder / FILE, blocks.findings)
    images, docker, firewall = ("images",), ("docker",), ("firewall",)
    blocks.keys(images, ("registry", "ca_file", "insecure", "folder", "allow_unpinned"))
    blocks.keys(docker, ("source", "apt_repository", "apt_key_url"))
    blocks.keys(firewall, ("enabled", "ssh_from"))
    blocks.keys(("memory",), tuple(MEMORY))
    source = blocks.choice((*docker, "source"), ["auto", "distribution", "docker"])
    apt = blocks.url((*docker, "apt_repository")).rstrip("/") or DOCKER_APT
    registry, folder = _registry(blocks), blocks.text((*images, "folder"))
    if registry and folder:
        blocks.error("value", images, "a registry, or a folder of archives: not both")
    hosting = Hosting(
        inventory=inventory or Inventory(file=blocks.folder / FILE, hosts=(), groups=()),
        registry=registry,
        registry_ca=_certificate(blocks),
        registry_ca_file=blocks.file((*images, "ca_file")),
        registry_insecure=blocks.flag((*images, "insecure"), False),
        archives=str((blocks.folder / folder).absolute()) if folder else "",
        allow_unpinned=blocks.flag((*images, "allow_unpinned"), False),
        docker_source=source or "auto",
        docker_apt=apt,
        docker_key=blocks.url((*docker, "apt_key_url")),
        firewall=blocks.flag((*firewall, "enabled"), True),
        ssh_from=blocks.networks((*firewall, "ssh_from")),
        memory=MEMORY | _sizes(blocks),
        monitoring=blocks.flag(("monitoring",), False),
        updates=blocks.flag(("updates",), True),
        open_files=int(blocks.number(("open_files",), least=1024, most=1_048_576) or OPEN_FILES),
    )
    return hosting if inventory is not None else None


def _registry(blocks: Blocks) -> str:
    path = ("images", "registry")
    text = blocks.text(path)
    host, _, below = text.partition("/")
    if text and not (
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?", host)
        and ("." in host or ":" in host)
        and re.fullmatch(r"([a-z0-9]+([._/-][a-z0-9]+)*)?", below)
    ):
        blocks.error(
            "value",
            path,
            "a registry is named by its host, as registry.example.com or 10.0.0.9:5000",
            "without https://; with a path below it if it mirrors there",
        )
        return ""
    return text


def _certificate(blocks: Blocks) -> str:
    path = ("images", "ca_file")
    file = blocks.file(path)
    if not file:
        return ""
    try:
        text = read_ordinary(Path(file), MOST_OF_A_SECRET).decode("ascii")
    except (OSError, ValueError) as error:
        blocks.error("value", path, f"cannot be read: {error}")
        return ""
    if "-----BEGIN CERTIFICATE-----" not in text or "PRIVATE KEY" in text:
        blocks.error("value", path, "a certificate in PEM form is wanted, without any key")
        return ""
    return text


def _sizes(blocks: Blocks) -> dict[str, int]:
    block = blocks.places.node(("memory",))
    found: dict[str, int] = {}
    for name in block.pairs if isinstance(block, Mapping) else ():
        text = blocks.text(("memory", name)) if name in MEMORY else ""
        match = _SIZE.fullmatch(text)
        if match:
            found[name] = int(match[1]) * (1024 if match[2] == "GiB" else 1)
            if found[name] < 64:
                blocks.error("range", ("memory", name), "at least 64MiB is wanted")
        elif text:
            blocks.error("value", ("memory", name), "a size is wanted, as 512MiB or 2GiB")
    return found
