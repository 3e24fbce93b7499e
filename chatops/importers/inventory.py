"""Everything that a server holds and a company file can say, read once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chatops.core.reading import read_kind
from chatops.platforms.base import Facts, GivesPictures, Release, Server
from chatops.resources import Ids, Key, Kind, Live

__all__ = ["Inventory", "take_inventory"]

_FIRST = (Kind.SETTING, Kind.ROLE, Kind.USER, Kind.TEAM)
_LAST = (
    Kind.INCOMING_WEBHOOK,
    Kind.OUTGOING_WEBHOOK,
    Kind.SLASH_COMMAND,
    Kind.BOT,
    Kind.EMOJI,
    Kind.DEPARTMENT,
    Kind.BUSINESS_HOURS,
)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What was read, by kind, in the server's order; pictures by the key of what they are of.

    Conversations between people are not read: they are nobody else's business.
    """

    platform: str
    url: str
    release: Release
    me: str
    facts: Facts
    things: Mapping[Kind, tuple[Live[Any], ...]]
    pictures: Mapping[Key, bytes] = field(default_factory=dict)

    def of(self, kind: Kind) -> tuple[Live[Any], ...]:
        """All of a kind, sorted by name."""
        return tuple(sorted(self.things.get(kind, ()), key=lambda x: x.key.folded))


def take_inventory(
    platform: str,
    url: str,
    facts: Facts,
    server: Server,
    progress: Callable[[str], None] = lambda text: None,
) -> Inventory:
    """Read it all. Changes nothing. Raises ServerError."""
    ids = Ids()
    things: dict[Kind, tuple[Live[Any], ...]] = {}

    def take(kind: Kind, scope: list[Key] | None = None) -> None:
        progress(f"{kind.value}s")
        found = read_kind(server, kind, scope, ids)
        for live in found:
            ids.put(live.key, live.id)
        things[kind] = tuple(found)

    for kind in _FIRST:
        take(kind)
    take(Kind.CHANNEL)
    teams = [x.key.name for x in things[Kind.TEAM] if not x.archived]
    channels = [x for x in things[Kind.CHANNEL] if not x.archived]
    take(Kind.TEAM_MEMBERS, [Key(Kind.TEAM_MEMBERS, name) for name in teams])
    take(Kind.CHANNEL_MEMBERS, [Key(Kind.CHANNEL_MEMBERS, x.key.name) for x in channels])
    take(Kind.PINNED, [Key(Kind.PINNED, x.key.name) for x in channels])
    for kind in _LAST:
        take(kind)
    return Inventory(
        platform=platform,
        url=url,
        release=server.release,
        me=server.me,
        facts=facts,
        things=things,
        pictures=_pictures(server, things.get(Kind.EMOJI, ())),
    )


def _pictures(server: Server, emoji: tuple[Live[Any], ...]) -> Mapping[Key, bytes]:
    handler: object = server.handlers.get(Kind.EMOJI)
    if not isinstance(handler, GivesPictures):
        return {}
    return {x.key: handler.picture(x) for x in emoji if not x.protected}
