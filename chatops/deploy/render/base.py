"""What a host gets besides the parts: firewall, kernel, updates, Docker's own settings."""

import ipaddress
from dataclasses import dataclass
from typing import Any, Final

from chatops.deploy.images.reference import HOST
from chatops.deploy.render.model import PartFile, PartPlan, Port, Unit
from chatops.deploy.render.parts.common import Context, filled
from chatops.deploy.render.quoting import js
from chatops.inventory import Host

__all__ = ["FIREWALL", "base_files", "base_units"]

FIREWALL: Final = "/etc/chatops/firewall.nft"
DAEMON: Final = "/etc/docker/daemon.json"


@dataclass(frozen=True, order=True)
class _Rule:
    """What the firewall lets in: `source` is empty for everybody, else a match of nftables."""

    protocol: str
    source: str
    ports: str


def base_files(c: Context, host: Host, parts: tuple[PartPlan, ...]) -> tuple[PartFile, ...]:
    """The files of a host that belong to no part."""
    files = [PartFile(path=DAEMON, text=_daemon(c))]
    registry = c.hosting.registry.partition("/")[0]
    if c.hosting.registry_ca and HOST.fullmatch(registry):
        ca = f"/etc/docker/certs.d/{registry}/ca.crt"
        files.append(PartFile(path=ca, text=c.hosting.registry_ca))
    if c.hosting.firewall:
        rules = firewall(c, host, parts)
        files.append(PartFile(path=FIREWALL, text=rules, validate="nft -c -f %s"))
        files.append(
            PartFile(
                path="/etc/systemd/system/chatops-firewall.service",
                text=filled("base/firewall.service.j2"),
            )
        )
    if any(part.name == "bridge" for part in parts):
        text = filled("base/sysctl.conf.j2")
        files.append(PartFile(path="/etc/sysctl.d/60-chatops.conf", text=text))
    if c.hosting.updates:
        text = filled("base/updates.conf.j2")
        files.append(PartFile(path="/etc/apt/apt.conf.d/52chatops", text=text))
    return tuple(sorted(files, key=lambda f: f.path))


def base_units(c: Context) -> tuple[Unit, ...]:
    """The units of a host that belong to no part."""
    if not c.hosting.firewall:
        return ()
    return (Unit(name="chatops-firewall.service", reload_on=(FIREWALL,)),)


def firewall(c: Context, host: Host, parts: tuple[PartPlan, ...]) -> str:
    """The rules of a host: SSH, what its parts offer to the world or to a peer, nothing else."""
    sources: dict[tuple[str, str], list[str]] = {}
    for port in sorted({p for part in parts for p in part.ports}):
        if port.loopback:
            continue
        for source in _sources(port):
            sources.setdefault((port.protocol, source), []).append(_number(port))
    rules = sorted(
        _Rule(protocol, source, f"{{ {', '.join(numbers)} }}")
        for (protocol, source), numbers in sources.items()
    )
    return _trimmed(
        filled(
            "base/firewall.nft.j2",
            ssh=[_match(network) for network in c.hosting.ssh_from] or [""],
            ssh_port=host.ssh_port,
            open=rules,
        )
    )


def _sources(port: Port) -> list[str]:
    if not port.peers:
        return [""]
    by_family: dict[str, list[str]] = {}
    for peer in port.peers:
        family = "ip6" if ":" in peer else "ip"
        by_family.setdefault(family, []).append(str(ipaddress.ip_address(peer)))
    return [f"{family} saddr {{ {', '.join(p)} }}" for family, p in sorted(by_family.items())]


def _match(network: str) -> str:
    return f"{'ip6' if ':' in network else 'ip'} saddr {ipaddress.ip_network(network)}"


def _number(port: Port) -> str:
    return f"{port.number}-{port.last}" if port.last else str(port.number)


def _trimmed(text: str) -> str:
    """Without the blank that stands for an empty source at the start of a rule."""
    return "".join(
        "\t\t" + line[2:].lstrip() if line.startswith("\t\t ") else line
        for line in text.splitlines(keepends=True)
    )


def _daemon(c: Context) -> str:
    settings: dict[str, Any] = {
        "live-restore": True,
        "log-driver": "json-file",
        "log-opts": {"max-file": "5", "max-size": "10m"},
    }
    if c.hosting.registry and c.hosting.registry_insecure:
        settings["insecure-registries"] = [c.hosting.registry.partition("/")[0]]
    lines = [f"  {js(key)}: {js(value)}" for key, value in sorted(settings.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"
