"""A compose project: its services, each closed down unless the image needs otherwise."""

from dataclasses import dataclass
from typing import Any, Final

from chatops import assets
from chatops.deploy.images import Locked
from chatops.deploy.render.quoting import compose
from chatops.hosting import Hosting

__all__ = ["Health", "Mount", "Service", "Volume", "compose_file", "image_of"]

DATA, APART, EDGE, VIDEO, MONITORING = (
    f"chatops-{name}" for name in ("data", "apart", "edge", "video", "monitoring")
)
NETWORKS: Final = {DATA: True, APART: False, EDGE: False, VIDEO: False, MONITORING: False}
"""The networks that projects share, and whether there is no way out of them.

Docker publishes no port of a container that is on networks without a way out alone: APART is for a
database that other hosts reach.
"""


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a service is asked whether it works. Times in seconds."""

    test: tuple[str, ...]
    interval: int = 10
    timeout: int = 5
    retries: int = 6
    start_period: int = 60


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A folder or file of the host. `source` is relative to the project's folder."""

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume that Docker keeps, filled from the image the first time."""

    name: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service. What it may do is said here; all else is taken away."""

    name: str
    image: Locked
    memory_mib: int
    health: Health | None
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    env_files: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    networks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    host_network: bool = False
    mounts: tuple[Mount, ...] = ()
    volumes: tuple[Volume, ...] = ()
    tmpfs: tuple[str, ...] = ()
    user: str = ""
    read_only: bool = True
    capabilities: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    stop_seconds: int = 30
    shm_mib: int = 0
    open_files: int = 0
    pid_host: bool = False


def image_of(locked: Locked, hosting: Hosting) -> str:
    """What Docker is asked for: by digest, from one's own registry, or by tag from an archive.

    An image that was loaded from an archive has no digest of a registry: it goes by its tag, and
    its configuration's digest is compared when it is loaded.
    """
    image = locked.image.at(hosting.registry)
    text = str(image)
    return text.partition("@")[0] if hosting.archives else text


def compose_file(part: str, services: tuple[Service, ...], hosting: Hosting) -> str:
    """The text of `compose.yaml`."""
    shared = sorted({name for s in services for name, _ in s.networks})
    kept = sorted({v.name for s in services for v in s.volumes})
    values: dict[str, Any] = {
        "project": f"chatops-{part}",
        "services": [{"service": s, "image": image_of(s.image, hosting)} for s in services],
        "networks": shared,
        "volumes": kept,
        "pull": "never" if hosting.archives else "missing",
        "q": compose,
    }
    return assets.template("compose/compose.yaml.j2").render(values)
