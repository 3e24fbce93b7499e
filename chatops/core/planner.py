"""From a reading to a plan."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatops.core import diff, order
from chatops.core.cliffs import cliffs
from chatops.core.desired import Desired
from chatops.core.plan import Note, NoteKind, NoteView, Plan, PlanView, view_change
from chatops.core.reading import Reading
from chatops.platforms.base import Change, Release, Removal
from chatops.resources import Key, TeamMembers

__all__ = ["Frame", "make_plan"]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a plan says of itself besides its changes, and where the file says what."""

    platform: str
    url: str
    environment: str
    spec: str
    only: tuple[str, ...] = ()
    allow_removals: bool = False
    place: Callable[[Key, str], str] = lambda key, name: ""
    notes: tuple[Note, ...] = ()


def make_plan(desired: Desired, reading: Reading, frame: Frame, release: Release) -> Plan:
    """Compare, and say it all in one value."""
    found = diff.compare(
        desired,
        reading.held,
        reading.observed,
        reading.moving,
        only=frame.only,
        allow_removals=frame.allow_removals,
        removals=reading.removals,
    )
    notes = (
        *frame.notes,
        *cliffs(reading.observed.limits, found.changes),
        *_implied_notes(desired, found.changes),
        *found.notes,
    )
    views = tuple(
        view_change(
            change,
            removal=reading.removals.get(change.key.kind, Removal.ARCHIVE),
            place=frame.place(change.key, "" if not change.changed else change.changed[0]),
            renamed_from=reading.moving[change.key].name if change.key in reading.moving else "",
        )
        for change in found.changes
    )
    view = PlanView(
        platform=frame.platform,
        release=release.text,
        edition=release.edition,
        url=frame.url,
        environment=frame.environment,
        spec=frame.spec,
        only=frame.only,
        allow_removals=frame.allow_removals,
        changes=views,
        notes=tuple(
            NoteView(kind=n.kind, message=n.message, key=str(n.key) if n.key else "") for n in notes
        ),
        refusals=(*reading.wrong, *found.refusals, *_knotted(found.changes, reading.moving)),
        unchanged=found.unchanged,
    )
    return Plan(
        changes=found.changes,
        notes=notes,
        refusals=view.refusals,
        unchanged=found.unchanged,
        view=view,
        renames=reading.moving,
    )


def _knotted(changes: Sequence[Change[Any]], moving: Mapping[Key, Key]) -> Iterator[str]:
    """Addresses that go round in a circle: a server takes none that another account has."""
    people = ", ".join(key.name for key in order.knot(changes, moving))
    if people:
        yield (
            f"{people} take each other's e-mail addresses, and no server can do that at once: "
            "give one of them another address in a run before"
        )


def _implied_notes(desired: Desired, changes: Sequence[Change[Any]]) -> list[Note]:
    notes = []
    for change in changes:
        if not isinstance(change.want, TeamMembers):
            continue
        extra = desired.implied_team_members.get(change.want.team, frozenset())
        before = change.have.resource.members if change.have else frozenset()
        if isinstance(before, frozenset) and isinstance(change.want.members, frozenset):
            extra = (extra & change.want.members) - before
        if extra:
            people = ", ".join(sorted(extra)[:5]) + (", …" if len(extra) > 5 else "")
            text = f"{len(extra)} of them because they are in one of its channels: {people}"
            notes.append(Note(kind=NoteKind.KEPT, key=change.key, message=text))
    return notes
