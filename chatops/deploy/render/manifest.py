"""The installation as data: what the roles are told, and what people and `doctor` read."""

import json
import re
from typing import Any, Final

from chatops.deploy.images import Locked
from chatops.deploy.render.folder import RenderedFile
from chatops.deploy.render.model import (
    HostPlan,
    Installation,
    PartFile,
    PartPlan,
    Port,
)
from chatops.deploy.render.project import image_of
from chatops.hosting import Hosting

__all__ = ["SAFE", "files", "host_json", "installation_json"]

VERSION: Final = 1
SAFE: Final = re.compile(r"[A-Za-z0-9 ._/:@,+=\[\]%*-]*")
"""What a string for Ansible is made of: no template can hide in it."""
OLDEST_COMPOSE: Final = "2.20.0"


def files(installation: Installation) -> tuple[RenderedFile, ...]:
    """Every file of the installation, below one folder, without any secret."""
    found = [RenderedFile("installation.json", _json(installation_json(installation)))]
    for host in installation.hosts:
        at = f"hosts/{host.name}"
        found.append(RenderedFile(f"{at}/host.json", _json(host_json(installation, host))))
        for part, file in _all_files(host):
            found.append(RenderedFile(f"{at}/{_source(part, file)}", file.text))
    return tuple(sorted(found))


def installation_json(installation: Installation) -> dict[str, Any]:
    """The whole, in short."""
    return {
        "version": VERSION,
        "environment": installation.environment,
        "platform": installation.platform,
        "edition": installation.edition,
        "release": installation.version,
        "chat_url": installation.chat_url,
        "video_url": installation.video_url,
        "hosts": [
            {
                "name": host.name,
                "groups": list(host.groups),
                "parts": [part.name for part in host.parts],
                "public_ips": list(host.public_ips),
            }
            for host in installation.hosts
        ],
        "order": [[host.name, part.name] for host, part in installation.order],
        "secrets": [
            {"name": need.name, "given": need.given, "why": need.why}
            for need in installation.secrets
        ],
    }


def host_json(installation: Installation, host: HostPlan) -> dict[str, Any]:
    """Everything that the playbook is told about a host."""
    hosting = installation.hosting
    networks = sorted({network for part in host.parts for network in part.networks})
    return {
        "version": VERSION,
        "host": host.name,
        "groups": list(host.groups),
        "timezone": installation.timezone,
        "ssh_port": host.ssh_port,
        "files": [_file(part, file) for part, file in _all_files(host) if part in _OUTSIDE],
        "docker": {
            "source": hosting.docker_source,
            "compose_minimum": OLDEST_COMPOSE,
            "apt_repository": hosting.docker_apt,
            "apt_key_url": hosting.docker_key,
            "networks": [{"name": n.name, "internal": n.internal} for n in networks],
        },
        "registry": {"address": hosting.registry, "insecure": hosting.registry_insecure},
        "images_from": "archives" if hosting.archives else "registry",
        "updates": hosting.updates,
        "firewall": hosting.firewall,
        "units": [
            {"name": unit.name, "enabled": True, "reload_on": list(unit.reload_on)}
            for unit in host.units
        ],
        "parts": [_part(part, hosting) for part in host.parts],
        "preflight": {
            "memory_mib": sum(part.memory_mib for part in host.parts),
            "disk_mib": sum(part.disk_mib for part in host.parts),
            "avx": any(part.name == "mongodb" for part in host.parts),
            "ports": [_port(port) for port in host.ports],
            "names": list(host.names),
            "public_ips": list(host.public_ips),
        },
    }


_OUTSIDE: Final = ("base", "docker")


def _all_files(host: HostPlan) -> list[tuple[str, PartFile]]:
    """The files of a host, each with the part it belongs to."""
    found = [("docker" if "/docker" in f.path else "base", f) for f in host.base]
    return found + [(part.name, f) for part in host.parts for f in part.files]


def _source(part: str, file: PartFile) -> str:
    """Where a file lies below the host's folder."""
    below = file.path.removeprefix(f"/opt/chatops/{part}/").lstrip("/")
    return f"{part}/{below}"


def _file(part: str, file: PartFile) -> dict[str, Any]:
    return {
        "source": _source(part, file),
        "path": file.path,
        "mode": f"{file.mode:04o}",
        "owner": file.owner,
        "group": file.group,
        "part": part,
        "validate": file.validate,
    }


def _part(part: PartPlan, hosting: Hosting) -> dict[str, Any]:
    return {
        "name": part.name,
        "project": part.project,
        "folder": part.folder,
        "files": [_file(part.name, file) for file in part.files],
        "folders": [
            {"path": f.path, "mode": f"{f.mode:04o}", "owner": f.owner, "group": f.group}
            for f in part.folders
        ],
        "secrets": [
            {
                "path": text.path,
                "mode": f"{text.mode:04o}",
                "owner": text.owner,
                "group": text.group,
                "needs": list(text.needs),
                "restarts": text.restarts,
            }
            for text in part.secrets
        ],
        "images": [_image(service, locked, hosting) for service, locked in part.images],
        "services": list(part.services),
        "setup": [{"service": s.service, "command": list(s.command)} for s in part.setup],
        "healthy": list(part.healthy),
        "healthy_at_end": list(part.healthy_at_end),
        "restart": {f.path: f.restarts for f in part.files if f.restarts},
    }


def _image(service: str, locked: Locked, hosting: Hosting) -> dict[str, Any]:
    return {
        "service": service,
        "image": image_of(locked, hosting),
        "archive": locked.image.archive if hosting.archives else "",
        "configs": {p.name: p.config for p in locked.platforms},
    }


def _port(port: Port) -> dict[str, Any]:
    return {
        "protocol": port.protocol,
        "port": port.number,
        "last": port.last or port.number,
        "address": port.address or "0.0.0.0",
        "peers": list(port.peers),
    }


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=True, sort_keys=True) + "\n"
