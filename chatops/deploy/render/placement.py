"""Which host has which part, and by which address one part reaches another."""

from dataclasses import dataclass

from chatops.deploy.render.site import Site
from chatops.errors import Place
from chatops.hosting import Hosting
from chatops.inventory import GROUPS, SEVERAL, Host
from chatops.spec.files import Findings

__all__ = ["Placement", "place"]

_RULE = "placement"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The hosts of each group, with what is left out filled in."""

    hosts: tuple[Host, ...]
    groups: dict[str, tuple[Host, ...]]

    def one(self, group: str) -> Host:
        """The host of a group that has one."""
        return self.groups[group][0]

    def has(self, group: str) -> bool:
        """Whether any host is in it."""
        return bool(self.groups[group])

    def together(self, one: str, other: str) -> bool:
        """Whether two groups of one host each are on the same."""
        return self.one(one).name == self.one(other).name

    def groups_of(self, host: Host) -> tuple[str, ...]:
        """The groups that a host is in."""
        return tuple(g for g in GROUPS if host in self.groups[g])

    def others(self, host: Host, *groups: str) -> tuple[str, ...]:
        """The addresses of the hosts of these groups, without this one."""
        found = {h.address for g in groups for h in self.groups[g] if h.name != host.name}
        return tuple(sorted(found))


def place(site: Site, hosting: Hosting, findings: Findings) -> Placement:
    """Fill in what the inventory leaves out; findings where it makes no sense."""
    inventory = hosting.inventory
    groups = {name: inventory.group(name) for name in GROUPS}
    head = Place(str(inventory.file), 1)
    if not groups["chat"]:
        if len(inventory.hosts) == 1:
            groups["chat"] = inventory.hosts
        else:
            findings.error(
                _RULE,
                head,
                "chat",
                "no host is in the group `chat`",
                "chat: {hosts: {NAME: {ansible_host: ADDRESS}}}",
            )
            groups["chat"] = inventory.hosts[:1]
    chat = groups["chat"][:1]
    for name, wanted in (
        ("database", not site.external_database),
        ("proxy", True),
        ("video", site.video is not None),
        ("monitoring", hosting.monitoring),
    ):
        groups[name] = (groups[name] or chat) if wanted else ()
    video = site.video
    groups["video_bridges"] = (groups["video_bridges"] or groups["video"]) if video else ()
    recording = video is not None and video.recording
    groups["recorders"] = (groups["recorders"] or groups["video"]) if recording else ()
    if not (video and video.turn):
        groups["turn"] = ()
    for name, members in groups.items():
        if len(members) > 1 and name not in SEVERAL:
            findings.error(
                _RULE,
                members[1].place,
                name,
                f"the group `{name}` has one host; here is another",
                f"leave {members[0].name} or {members[1].name}",
            )
    placement = Placement(hosts=inventory.hosts, groups=groups)
    if not findings.errors:
        _addresses(placement, findings)
    for host in inventory.hosts:
        if not placement.groups_of(host):
            findings.warning(
                _RULE,
                host.place,
                host.name,
                f"nothing is installed on {host.name}: it is in no group that is needed",
                f"the groups are {', '.join(GROUPS)}",
            )
    return placement


PAIRS = (
    ("chat", "database"),
    ("proxy", "chat"),
    ("proxy", "video"),
    ("video_bridges", "video"),
    ("recorders", "video"),
    ("monitoring", "chat"),
    ("monitoring", "database"),
    ("monitoring", "proxy"),
    ("monitoring", "video"),
    ("monitoring", "video_bridges"),
    ("monitoring", "recorders"),
    ("monitoring", "turn"),
)
"""Who talks to whom: where the two are not on one host, both need an address."""


def _addresses(placement: Placement, findings: Findings) -> None:
    lacking: dict[str, tuple[Host, str, str]] = {}
    for one, other in PAIRS:
        for here in placement.groups[one]:
            for there in placement.groups[other]:
                if here.name == there.name:
                    continue
                for host, peer in ((here, there), (there, here)):
                    if not host.address:
                        lacking.setdefault(host.name, (host, peer.name, f"{one} and {other}"))
    for host, other_name, what in lacking.values():
        findings.error(
            _RULE,
            host.place,
            host.name,
            f"`private_address` is missing: {what} are apart, and {other_name} must reach it",
            "private_address: 10.0.0.5, of a network that strangers cannot read",
        )
    seen: dict[str, Host] = {}
    for host in placement.hosts:
        twin = seen.setdefault(host.address, host) if host.address else host
        if twin is not host:
            findings.error(
                _RULE,
                host.place,
                host.name,
                f"{host.name} and {twin.name} have the same private_address",
            )
