"""The hosts of an environment: `hosts.yml`, an inventory of Ansible in its YAML form.

Ansible itself reads the file for how to get there. We read the groups, and of each host only
`ansible_host`, `ansible_port`, `private_address` and `public_ips`; the rest is Ansible's.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from chatops.errors import Place
from chatops.spec.files import Findings, read_text

__all__ = ["FILE", "GROUPS", "Host", "Inventory", "read"]

FILE: Final = "hosts.yml"
GROUPS: Final = (
    "chat",
    "database",
    "proxy",
    "video",
    "video_bridges",
    "recorders",
    "turn",
    "monitoring",
)
"""The groups that mean something: what runs where."""
EXAMPLE: Final = "chat: {hosts: {chat-1: {ansible_host: 203.0.113.10}}}"
SEVERAL: Final = ("video_bridges", "recorders")
_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host. `address`: what the other hosts reach it by; empty if nobody said.

    `connection`: how Ansible reaches it (`ansible_host`, or its name).
    """

    name: str
    place: Place
    address: str = ""
    connection: str = ""
    ssh_port: int = 22
    public_ips: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """The hosts, and which group has whom. `file` is the inventory itself."""

    file: Path
    hosts: tuple[Host, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]

    def group(self, name: str) -> tuple[Host, ...]:
        """The hosts of a group, in the order of the file."""
        return tuple(h for h in self.hosts if h.name in dict(self.groups).get(name, ()))


@dataclass
class _Seen:
    place: Place
    variables: dict[str, tuple[Any, Place]]


def read(path: Path, findings: Findings) -> Inventory | None:
    """The inventory; None after findings."""
    name = str(path)
    try:
        text = read_text(path, name, findings)
    except (OSError, ValueError) as error:
        findings.error(
            "inventory",
            Place(name, 1),
            "",
            f"cannot be read: {getattr(error, 'strerror', None) or error}",
            f"an inventory of Ansible is wanted beside environment.yaml: {EXAMPLE}",
        )
        return None
    if text is None:
        return None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        findings.error(
            "inventory", Place(name, line, column), "", f"not YAML: {error.problem or error}"
        )
        return None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        findings.error("inventory", Place(name, 1), "", f"not YAML: {error}")
        return None
    return _Reader(path, findings).read(root)


class _Reader:
    def __init__(self, path: Path, findings: Findings) -> None:
        self.path = path
        self.findings = findings
        self.hosts: dict[str, _Seen] = {}
        self.groups: dict[str, list[str]] = {}
        self.wrong = False

    def read(self, root: Any) -> Inventory | None:
        for name, node in self._pairs(root, "groups of hosts are wanted here, as `chat:`"):
            self._group(name, node, {}, ())
        if not self.hosts and not self.wrong:
            self._error(root, "there is no host in it", EXAMPLE)
        hosts = tuple(self._host(name, seen) for name, seen in self.hosts.items())
        if self.wrong:
            return None
        return Inventory(
            file=self.path,
            hosts=hosts,
            groups=tuple((g, tuple(dict.fromkeys(n))) for g, n in sorted(self.groups.items())),
        )

    def _group(
        self,
        name: str,
        node: Any,
        inherited: dict[str, tuple[Any, Place]],
        above: tuple[str, ...],
    ) -> None:
        if len(above) > 20:
            self._error(node, "groups are nested too deep")
            return
        above = (*above, name)
        self.groups.setdefault(name, [])
        known = {"hosts": None, "children": None, "vars": None}
        parts = dict(self._pairs(node, f"the group `{name}` holds hosts, children and vars"))
        for key in parts:
            if key not in known:
                self._error(parts[key], f"`{key}` is no part of a group: hosts, children or vars")
        variables = inherited | self._variables(parts.get("vars"))
        for host, value in self._pairs(parts.get("hosts"), "names of hosts are wanted here"):
            if not _NAME.fullmatch(host):
                self._error(
                    value,
                    f"`{host[:60]}` cannot be the name of a host here: letters, digits, . _ -",
                    "ranges are written out, one host a line; the address goes to ansible_host",
                )
                continue
            place = self._place(value)
            seen = self.hosts.setdefault(host, _Seen(place, {}))
            seen.variables |= variables | self._variables(value)
            for group in above:
                self.groups.setdefault(group, []).append(host)
        for child, value in self._pairs(parts.get("children"), "names of groups are wanted here"):
            self._group(child, value, variables, above)

    def _host(self, name: str, seen: _Seen) -> Host:
        def text(key: str) -> str:
            value, place = seen.variables.get(key, ("", seen.place))
            if not isinstance(value, str) or (value and not _HOST.fullmatch(value)):
                self._wrong(place, f"{name}: `{key}` is a host name or an address")
                return ""
            return value

        address = text("private_address")
        if address and not _ip(address):
            self._wrong(
                seen.variables["private_address"][1],
                f"{name}: `private_address` is an IP address: the firewall names it",
            )
        number, place = seen.variables.get("ansible_port", ("22", seen.place))
        port = int(number) if isinstance(number, str) and re.fullmatch("[0-9]{1,5}", number) else 0
        if not 1 <= port <= 65535:
            self._wrong(place, f"{name}: `ansible_port` is a number from 1 to 65535")
        ips, place = seen.variables.get("public_ips", ((), seen.place))
        ips = [ips] if isinstance(ips, str) else ips
        for ip in ips:
            if not isinstance(ip, str) or not _ip(ip):
                self._wrong(place, f"{name}: `public_ips` is a list of IP addresses")
                ips = []
                break
        return Host(
            name=name,
            place=seen.place,
            address=address,
            connection=text("ansible_host") or name,
            ssh_port=port or 22,
            public_ips=tuple(ips),
        )

    def _variables(self, node: Any) -> dict[str, tuple[Any, Place]]:
        found: dict[str, tuple[Any, Place]] = {}
        for key, value in self._pairs(node, "variables are wanted here, as `name: value`"):
            if isinstance(value, yaml.SequenceNode):
                items = [i.value if isinstance(i, yaml.ScalarNode) else None for i in value.value]
                found[key] = (items, self._place(value))
            elif isinstance(value, yaml.ScalarNode):
                found[key] = (value.value, self._place(value))
        return found

    def _pairs(self, node: Any, wanted: str) -> Iterator[tuple[str, Any]]:
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return
        if not isinstance(node, yaml.MappingNode):
            self._error(node, wanted)
            return
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                # The place of a host without variables is its name.
                value.start_mark = key.start_mark
                yield key.value, value

    def _place(self, node: Any) -> Place:
        return Place(str(self.path), node.start_mark.line + 1, node.start_mark.column + 1)

    def _error(self, node: Any, message: str, hint: str = "") -> None:
        self._wrong(Place(str(self.path), 1) if node is None else self._place(node), message, hint)

    def _wrong(self, place: Place, message: str, hint: str = "") -> None:
        self.wrong = True
        self.findings.error("inventory", place, "", message, hint)


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
