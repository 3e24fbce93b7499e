"""Reading a server: what the file speaks of, and whatever else there is."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from chatops.core.aims import PEOPLE
from chatops.core.desired import Desired
from chatops.core.diff import Observed
from chatops.core.holding import hold
from chatops.core.renaming import renames
from chatops.platforms.base import Facts, Handler, Removal, Server
from chatops.resources import DirectMessage, Ids, Key, Kind, Live, Resource, field_names

__all__ = ["Reading", "names_by", "observe", "pristine", "read_kind", "reading_of", "renamed"]


_BELOW = (
    (Kind.TEAM_MEMBERS, Kind.TEAM, "members"),
    (Kind.CHANNEL_MEMBERS, Kind.CHANNEL, "members"),
    (Kind.PINNED, Kind.CHANNEL, "pinned messages"),
)
"""What hangs on something else of the same name, and is read only where the file speaks of it."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a server holds, and the renames that are still to be made."""

    observed: Observed
    ids: Ids
    moving: Mapping[Key, Key]
    wrong: tuple[str, ...]
    held: tuple[Resource, ...]
    removals: Mapping[Kind, Removal] = field(default_factory=dict)


def _held(desired: Desired, facts: Facts) -> tuple[Resource, ...]:
    implied = facts.implied(desired.resources)
    said = {r.key for r in desired.resources}
    extra = tuple(r for r in implied if r.key not in said)
    held = (hold(r, facts) for r in desired.resources + extra)
    return tuple(r for r in held if r is not None)


def pristine(desired: Desired, facts: Facts, removals: Mapping[Kind, Removal]) -> Reading:
    """What would be read from a server that was installed a moment ago."""
    live = {x.key.folded: x for x in facts.pristine}
    return Reading(
        observed=Observed(live=live),
        ids=Ids(),
        moving={},
        wrong=(),
        held=_held(desired, facts),
        removals=removals,
    )


def reading_of(desired: Desired, facts: Facts, things: Iterable[Live[Any]], me: str) -> Reading:
    """What was read before, as if it had been read for this file."""
    held = _held(desired, facts)
    names = names_by(held, {})
    return Reading(
        observed=Observed(
            live={x.key.folded: x for x in renamed(things, names)},
            me=names.get(me.casefold(), me),
        ),
        ids=Ids(),
        moving={},
        wrong=(),
        held=held,
    )


def observe(
    desired: Desired,
    facts: Facts,
    server: Server,
    progress: Callable[[str], None] = lambda text: None,
) -> Reading:
    """Read what the file speaks of, and whatever else there is of people, teams and channels."""
    ids = Ids()
    live: dict[Key, Live[Any]] = {}
    moving: dict[Key, Key] = {}
    wrong: list[str] = []
    held = _held(desired, facts)

    def take(found: Iterable[Live[Any]]) -> None:
        for item in found:
            live[item.key.folded] = item
            ids.put(item.key, item.id)
        todo, bad = renames(desired, facts, live)
        for new, old in todo.items():
            # The account that runs would lock itself out.
            if new not in moving and old.folded != Key(Kind.USER, server.me).folded:
                moving[new] = old
                # From here on the thing answers to its new name, and so does all below it.
                ids.put(new, live[old.folded].id)
        wrong.extend(text for text in bad if text not in wrong)

    kinds = {r.kind for r in held}

    def take_side_by_side(*wanted: Kind) -> None:
        with ThreadPoolExecutor(max(1, len(wanted))) as pool:
            for future in [pool.submit(read_kind, server, k, None, ids) for k in wanted]:
                take(renamed(future.result(), names_by(held, moving)))

    progress("settings, people, teams")
    roles = (Kind.ROLE,) if Kind.ROLE in kinds or desired.own_roles else ()
    take_side_by_side(Kind.SETTING, *roles, Kind.USER, Kind.TEAM)
    progress("channels")
    take(read_kind(server, Kind.CHANNEL, None, ids))
    for kind, of, what in _BELOW:
        keys = [r.key for r in held if r.kind is kind and ids.find(of, r.key.name)]
        if not keys and kind is Kind.PINNED:
            continue
        progress(f"{what} of {len(keys)} {of.value}s")
        # All at once: a handler knows best how few calls it takes, and works side by side.
        take(renamed(read_kind(server, kind, keys, ids), names_by(held, moving)))
    if Kind.DIRECT_MESSAGE in kinds:
        talks = [r for r in held if isinstance(r, DirectMessage)]
        known = [r.key for r in talks if all(ids.find(Kind.USER, n) for n in r.members)]
        progress(f"{len(known)} conversations")
        take(read_kind(server, Kind.DIRECT_MESSAGE, known, ids))
    sections = [k for k in Kind if k in desired.sections and k in server.handlers]
    if sections:
        progress(", ".join(f"{k.value}s" for k in sections))
        take_side_by_side(*sections)
    me = names_by(held, moving).get(server.me.casefold(), server.me)
    return Reading(
        observed=Observed(live=live, me=me, limits=server.limits),
        ids=ids,
        moving=moving,
        wrong=tuple(wrong),
        held=held,
        removals={kind: h.removal for kind, h in server.handlers.items()},
    )


def names_by(held: Iterable[Resource], moving: Mapping[Key, Key]) -> Mapping[str, str]:
    """What the file calls a person, by any name the server may show: another case, an old name."""
    names = {r.key.folded.name: r.key.name for r in held if r.kind is Kind.USER}
    for new, old in moving.items():
        if new.kind is Kind.USER:
            names[old.folded.name] = new.name
    return names


def renamed(found: Iterable[Live[Any]], names: Mapping[str, str]) -> Iterable[Live[Any]]:
    """Memberships in the file's own names: a new name, or another case, moves nobody."""
    for live in found:
        fields: dict[str, Any] = {}
        for name in PEOPLE if names else ():
            people = getattr(live.resource, name, None)
            if isinstance(people, frozenset) and name in field_names(live.resource):
                fields[name] = frozenset(names.get(p.casefold(), p) for p in people)
        yield live.with_(**fields) if fields else live


def read_kind(
    server: Server, kind: Kind, scope: Collection[Key] | None, ids: Ids
) -> list[Live[Any]]:
    """All of one kind, or the keys asked for; nothing of a kind that the platform lacks."""
    handler: Handler[Any] | None = server.handlers.get(kind)
    return [] if handler is None else list(handler.read(scope, ids))
