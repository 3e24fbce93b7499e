"""Reading a server: what the file speaks of, and whatever else there is."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from chatops.core import diff
from chatops.core.desired import Desired
from chatops.core.diff import Observed
from chatops.platforms.base import Facts, Handler, Removal, Server
from chatops.resources import Ids, Key, Kind, Live, Resource, field_names

__all__ = ["Reading", "names_by", "observe", "pristine", "read_kind", "renamed"]


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
    return tuple(diff.hold(r, facts) for r in desired.resources + extra)


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
        todo, bad = diff.renames(desired, facts, live)
        for new, old in todo.items():
            # The account that runs would lock itself out.
            if new not in moving and old.folded != Key(Kind.USER, server.me).folded:
                moving[new] = old
                # From here on the thing answers to its new name, and so does all below it.
                ids.put(new, live[old.folded].id)
        wrong.extend(text for text in bad if text not in wrong)

    with ThreadPoolExecutor(3) as pool:
        progress("settings, people, teams")
        first = [
            pool.submit(read_kind, server, kind, None, ids)
            for kind in (Kind.SETTING, Kind.USER, Kind.TEAM)
        ]
        for future in first:
            take(future.result())
    progress("channels")
    take(read_kind(server, Kind.CHANNEL, None, ids))
    for kind, of in ((Kind.TEAM_MEMBERS, Kind.TEAM), (Kind.CHANNEL_MEMBERS, Kind.CHANNEL)):
        keys = [r.key for r in held if r.kind is kind and ids.find(of, r.key.name)]
        progress(f"members of {len(keys)} {of.value}s")
        # All at once: a handler knows best how few calls it takes, and works side by side.
        take(renamed(read_kind(server, kind, keys, ids), names_by(held, moving)))
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
        for name in field_names(live.resource) if names else ():
            people = getattr(live.resource, name)
            if isinstance(people, frozenset):
                fields[name] = frozenset(names.get(p.casefold(), p) for p in people)
        yield live.with_(**fields) if fields else live


def read_kind(
    server: Server, kind: Kind, scope: Collection[Key] | None, ids: Ids
) -> list[Live[Any]]:
    """All of one kind, or the keys asked for; nothing of a kind that the platform lacks."""
    handler: Handler[Any] | None = server.handlers.get(kind)
    return [] if handler is None else list(handler.read(scope, ids))
