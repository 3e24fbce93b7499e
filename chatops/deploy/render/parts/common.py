"""What every part is made from, and the helpers that all of them use."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chatops import assets
from chatops.deploy.compatibility import image_name
from chatops.deploy.images import Lock, Locked
from chatops.deploy.render.model import ROOT, Network, PartFile, Port
from chatops.deploy.render.placement import Placement
from chatops.deploy.render.project import APART, DATA, NETWORKS, Service, compose_file
from chatops.deploy.render.quoting import bare, compose, js, yaml
from chatops.deploy.render.site import Site
from chatops.hosting import Hosting
from chatops.inventory import Host

__all__ = ["LOOPBACK", "SECRETS", "Context", "between", "filled", "for_data", "publish", "ref"]

LOOPBACK: Final = "127.0.0.1"
SECRETS: Final = "secrets.env"


@dataclass(frozen=True, kw_only=True)
class Context:
    """All that a part may look at."""

    site: Site
    placement: Placement
    hosting: Hosting
    lock: Lock

    def image(self, name: str) -> Locked:
        """An image of the lock."""
        return self.lock.images[name]

    @property
    def chat_image(self) -> Locked:
        """The image of the chat in its edition."""
        return self.image(image_name(self.site.platform, self.site.edition))

    def memory(self, program: str) -> int:
        """MiB that a program gets."""
        return self.hosting.memory[program]

    def project(self, part: str, services: tuple[Service, ...]) -> PartFile:
        """The compose file of a part."""
        return PartFile(
            path=f"{ROOT}/{part}/compose.yaml", text=compose_file(part, services, self.hosting)
        )

    def networks(self, services: Iterable[Service]) -> tuple[Network, ...]:
        """The shared networks that services are on."""
        names = sorted({name for s in services for name, _ in s.networks})
        return tuple(Network(name=name, internal=NETWORKS[name]) for name in names)


def filled(template: str, **values: object) -> str:
    """The text of a file, from templates/; the quotings are at hand in it by their names."""
    tools = {"bare": bare, "compose": compose, "js": js, "yaml": yaml}
    return assets.template(template).render({**tools, **values})


def between(host: Host, number: int, peers: tuple[str, ...]) -> tuple[Port, ...]:
    """A port for hosts at these addresses, on the host's own address; none without peers."""
    if not peers:
        return ()
    return (Port(protocol="tcp", number=number, address=host.address, peers=peers),)


def for_data(name: str, ports: tuple[Port, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The networks of a database: with no way out, unless other hosts are to reach it."""
    return ((DATA, (name,)), *(((APART, ()),) if ports else ()))


def publish(port: Port, inside: int) -> str:
    """A port as compose has it."""
    address = f"[{port.address}]" if ":" in port.address else port.address
    kind = "/udp" if port.protocol == "udp" else ""
    return f"{address}:{port.number}:{inside}{kind}".removeprefix(":")


def ref(name: str) -> str:
    """The place of a secret in the pieces of a `SecretText`."""
    return "\0" + name
