"""Things that the file lists twice, however the letters are cased."""

from collections.abc import Iterator
from typing import Final

from chatops.spec.files import Findings
from chatops.spec.nodes import Mapping, Path, Scalar, Sequence, SourceMap
from chatops.spec.text import quoted

__all__ = ["find_doubles"]

_NAMED: Final = (
    ("users", "username", "duplicate-user", "a person named {name}"),
    ("users", "email", "duplicate-email", "a person with the address {name}"),
    ("groups", "name", "duplicate-group", "a group named {name}"),
    ("roles", "name", "duplicate-role", "a role named {name}"),
    ("teams", "name", "duplicate-team", "a team named {name}"),
)

_LISTED: Final[tuple[tuple[Path, str, str], ...]] = (
    (("integrations", "incoming_webhooks"), "name", "an incoming webhook named {name}"),
    (("integrations", "outgoing_webhooks"), "name", "an outgoing webhook named {name}"),
    (("integrations", "bots"), "username", "a bot named {name}"),
    (("integrations", "emoji"), "name", "an emoji named {name}"),
    (("live_chat", "departments"), "name", "a department named {name}"),
)


def find_doubles(places: SourceMap, findings: Findings) -> None:
    """Works on what was read, sound or not, so that all findings come at once."""
    for block, key, rule, what in _NAMED:
        _among((block,), key, rule, what, places, findings)
    teams = places.node(("teams",))
    for path, key, what in _LISTED:
        _among(path, key, "duplicate-name", what, places, findings)
    for i in range(len(teams.items) if isinstance(teams, Sequence) else 0):
        what = "a channel named {name} in this team"
        _among(("teams", i, "channels"), "name", "duplicate-channel", what, places, findings)


def _among(
    block: Path, key: str, rule: str, what: str, places: SourceMap, findings: Findings
) -> None:
    first: dict[str, Path] = {}
    for path, text in _texts(block, key, places):
        folded = text.casefold()
        before = first.setdefault(folded, path)
        if before is path:
            continue
        there = places.place(before)
        here = places.place(path)
        where = f"in line {there.line}" if there.file == here.file else f"at {there}"
        findings.error(
            rule,
            here,
            places.text(path),
            f"there is {what.format(name=quoted(text))} {where} already",
            "an address belongs to one person" if key == "email" else "take one of them out",
        )


def _texts(block: Path, key: str, places: SourceMap) -> Iterator[tuple[Path, str]]:
    listed = places.node(block)
    if not isinstance(listed, Sequence):
        return
    for i, item in enumerate(listed.items):
        node = item.get(key) if isinstance(item, Mapping) else None
        if isinstance(node, Scalar) and isinstance(node.value, str):
            yield (*block, i, key), node.value.strip()
