"""What is on the server and not in the file: told, or put away, and what it may really be."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chatops.core.desired import Desired
from chatops.core.plan import Note, NoteKind
from chatops.core.renaming import elsewhere
from chatops.platforms.base import Action, Change, Removal
from chatops.resources import Bot, Key, Kind, Live, Resource
from chatops.spec.models import Unmanaged

__all__ = ["Leftovers", "from_other_teams", "leftovers", "perhaps_renamed"]

_ALWAYS: Final = (Kind.USER, Kind.TEAM, Kind.CHANNEL)
"""Kinds whose strangers are told of always; of the others, where the file has a list of them."""
_THERE_ANYWAY: Final = frozenset({Kind.BUSINESS_HOURS})
"""Kinds of which the server has one of its own: it is never a stranger."""

Ours = Callable[[Key], bool]
"""Whether a run is asked about a thing: --only names it, and `ignore` does not."""


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """Removals and remarks; `lost` and `managed` count kinds for policy.max_removals."""

    changes: tuple[Change[Any], ...]
    notes: tuple[Note, ...]
    lost: Counter[Kind]
    managed: Counter[Kind]


def leftovers(
    desired: Desired,
    held: Iterable[Resource],
    live: Mapping[Key, Live[Any]],
    removals: Mapping[Kind, Removal],
    ours: Ours,
) -> Leftovers:
    """Each stranger: put away where the policy says so and the kind can be, else remarked."""
    held = tuple(held)
    wanted = {r.key.folded for r in held}
    # What is to be renamed is none of the leftovers, even where the platform cannot do it.
    wanted |= {old.folded for old in desired.renames.values()}
    # A bot is an account as well.
    wanted |= {Key(Kind.USER, r.username).folded for r in held if isinstance(r, Bot)}
    strange_teams = {k.name for k in live if k.kind is Kind.TEAM and k not in wanted}
    listed = {*_ALWAYS, *(desired.sections - _THERE_ANYWAY)}
    archive = desired.policy.unmanaged is Unmanaged.ARCHIVE
    changes: list[Change[Any]] = []
    notes: list[Note] = []
    lost: Counter[Kind] = Counter()
    for folded, have in live.items():
        key = have.key
        below = key.kind is Kind.CHANNEL and folded.name.partition("/")[0] in strange_teams
        if (
            key.kind not in listed
            or folded in wanted
            or have.protected
            or have.archived
            or below
            or not ours(key)
        ):
            continue
        removable = removals.get(key.kind, Removal.ARCHIVE) is not Removal.NONE
        if archive and key.kind is not Kind.USER and removable:
            changes.append(Change(action=Action.REMOVE, key=key, want=None, have=have))
            if key.kind is Kind.TEAM:
                lost[Kind.CHANNEL] += sum(
                    not (x.archived or x.protected)
                    for k, x in live.items()
                    if k.kind is Kind.CHANNEL and k.name.startswith(f"{folded.name}/")
                )
        else:
            text = "on the server, not in the file"
            if key.kind is Kind.USER:
                text += "; can still sign in (list it with active: false to end that)"
            notes.append(Note(kind=NoteKind.UNMANAGED, key=key, message=text))
    managed = Counter(c.key.kind for c in changes)
    return Leftovers(
        changes=tuple(changes), notes=tuple(notes), lost=lost + managed, managed=managed
    )


def perhaps_renamed(changes: Sequence[Change[Any]], notes: Sequence[Note]) -> list[Note]:
    """One channel comes, one is left over: often it is the same one under a new name."""
    left = [n.key for n in notes if n.kind is NoteKind.UNMANAGED and n.key is not None]
    left += [c.key for c in changes if c.action is Action.REMOVE]
    found = []
    for change in changes:
        if change.action is not Action.CREATE or change.key.kind is not Kind.CHANNEL:
            continue
        team = change.key.name.partition("/")[0]
        there = [k for k in left if k.kind is Kind.CHANNEL and k.name.startswith(f"{team}/")]
        if len(there) == 1:
            old = there[0].name.partition("/")[2]
            text = f"if this is `{old}` under a new name, write `renamed_from: {old}`"
            found.append(Note(kind=NoteKind.KEPT, key=change.key, message=text))
    return found


def from_other_teams(
    desired: Desired, live: Mapping[Key, Live[Any]], changes: Sequence[Change[Any]], ours: Ours
) -> tuple[list[Note], list[str]]:
    """A new name for a channel of another team: nothing is renamed, whatever was meant.

    Remarks, and refusals where the channel that was meant would be put away.
    """
    gone = {c.key for c in changes if c.action is Action.REMOVE}
    notes: list[Note] = []
    refusals: list[str] = []
    for new, there in elsewhere(desired, live).items():
        if not ours(new):
            continue
        team, old = new.name.partition("/")[0], there.name.rpartition("/")[2]
        text = (
            f"{team} has no channel `{old}` to rename, and {there.name} is another one: "
            "channels do not move between teams"
        )
        if there in gone:
            hint = f"keep {there.name} in the file, or take `renamed_from` out to begin anew"
            refusals.append(f"{new}: {text}; {hint}")
        else:
            notes.append(Note(kind=NoteKind.KEPT, key=new, message=text))
    return notes, refusals
