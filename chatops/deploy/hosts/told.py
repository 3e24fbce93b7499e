"""What the playbooks are told of an installation: pure, from what was rendered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from chatops.deploy.render import SecretFile
from chatops.secrets import Secret

__all__ = ["GROUP", "Told", "told"]

GROUP: Final = "chatops"
"""The group of all hosts of an installation; `chatops_PART` are those that hold a part."""
_ROOT: Final = PurePosixPath("/opt/chatops")
_UNITS: Final = PurePosixPath("/etc/systemd/system")


@dataclass(frozen=True, kw_only=True)
class Told:
    """Variables, groups of hosts, and the files with secrets by the name they lie under."""

    variables: Mapping[str, Any]
    groups: Mapping[str, Sequence[str]]
    secret_files: Mapping[str, Secret]


def told(
    described: Mapping[str, Mapping[str, Any]],
    build: Path,
    secrets: Mapping[str, Sequence[SecretFile]],
    *,
    gone: Mapping[str, Sequence[str]] | None = None,
    archives: str = "",
) -> Told:
    """From each host's `host.json`, the folder it was rendered to, and its files with secrets.

    `gone`: parts that lie on a host and are wanted there no longer.
    """
    variables: dict[str, Any] = {}
    groups: dict[str, list[str]] = {GROUP: list(described)}
    contents: dict[str, Secret] = {}
    for host, about in described.items():
        names = {}
        for number, file in enumerate(secrets.get(host, ())):
            names[file.path] = f"{host}-{number}"
            contents[names[file.path]] = file.content
        for part in about["parts"]:
            groups.setdefault(f"{GROUP}_{part['name']}", []).append(host)
        variables[host] = _host(about, str(build / "hosts" / host), names, archives)
        variables[host]["gone"] = [
            {"name": part, "project": f"{GROUP}-{part}", "folder": str(_ROOT / part)}
            for part in (gone or {}).get(host, ())
        ]
    return Told(variables={"chatops_hosts": variables}, groups=groups, secret_files=contents)


def _host(
    about: Mapping[str, Any], build: str, names: Mapping[str, str], archives: str
) -> dict[str, Any]:
    outside = {
        part: [f for f in about["files"] if f["part"] == part] for part in ("base", "docker")
    }
    units = {str(_UNITS / unit["name"]): unit for unit in about["units"]}
    of_parts = {f["path"] for part in about["parts"] for f in part["files"]}
    late = [unit for path, unit in units.items() if path in of_parts]
    return {
        "build": build,
        "timezone": about["timezone"],
        "base": {
            "folders": [_folder(_ROOT), *_parents(outside["base"], ())],
            "files": outside["base"],
        },
        # A unit of a part can only be at work when the part is there.
        "units": [unit for path, unit in units.items() if path not in of_parts],
        "late_units": late,
        "docker": {
            **about["docker"],
            "folders": _parents(outside["docker"], ()),
            "files": outside["docker"],
        },
        "parts": {
            part["name"]: _part(part, about["images_from"], build, names, archives)
            | _after_door(part, late)
            for part in about["parts"]
        },
    }


def _part(
    part: Mapping[str, Any], images_from: str, build: str, names: Mapping[str, str], archives: str
) -> dict[str, Any]:
    secrets = [
        {"source": names[f["path"]], **{k: v for k, v in f.items() if k != "needs"}}
        for f in part["secrets"]
        if f["path"] in names
    ]
    restart = dict(part["restart"])
    restart |= {f["path"]: f["restarts"] for f in secrets if f.get("restarts")}
    return {
        **part,
        "build": build,
        "images_from": images_from,
        "images_folder": archives,
        "folders": _parents([*part["files"], *part["secrets"]], part["folders"]),
        "secrets": [{k: v for k, v in f.items() if k != "restarts"} for f in secrets],
        "restart": restart,
    }


def _after_door(part: Mapping[str, Any], late: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a part can only have when the door is open: a certificate that the proxy got for it."""
    paths = {file["path"] for file in part["files"]}
    timers = [unit["name"] for unit in late if str(_UNITS / unit["name"]) in paths]
    if not timers:
        return {"after_door": [], "healthy_after_door": []}
    return {
        "after_door": [name.removesuffix(".timer") + ".service" for name in timers],
        "healthy_after_door": part["healthy_at_end"],
        "healthy_at_end": [],
    }


def _parents(
    files: Iterable[Mapping[str, Any]], folders: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The folders that these files lie in, from the top, and those asked for by name."""
    named = {PurePosixPath(f["path"]): f for f in folders}
    needed = set(named)
    for path in (PurePosixPath(f["path"]) for f in files):
        if _ROOT in path.parents:
            needed |= {p for p in path.parents if _ROOT in p.parents}
        else:
            needed.add(path.parent)
    return [named.get(path) or _folder(path) for path in sorted(needed)]


def _folder(path: PurePosixPath) -> dict[str, Any]:
    return {"path": str(path), "mode": "0755", "owner": 0, "group": 0}
