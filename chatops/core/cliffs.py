"""Limits of an edition that come near, told before they are reached: pure."""

from collections.abc import Iterable
from typing import Any, Final

from chatops.core.plan import Note, NoteKind
from chatops.platforms.base import Action, Change, Limits
from chatops.resources import GUEST, User

__all__ = ["cliffs", "people_after"]

_NEAR: Final = 0.8
"""From this share of a limit on it is told."""


def people_after(limits: Limits, changes: Iterable[Change[Any]]) -> tuple[int, int]:
    """How many people can sign in after these changes, and how many of them are guests."""
    people, guests = limits.people_now, limits.guests_now
    for change in changes:
        want = change.want
        if not isinstance(want, User):
            continue
        roles = want.roles if isinstance(want.roles, frozenset) else frozenset()
        if change.action is Action.CREATE:
            people += 1
            guests += GUEST in roles
        elif "active" in change.changed:
            people += 1 if want.active is True else -1
        if change.action is Action.UPDATE and "roles" in change.changed and change.have:
            before = change.have.resource.roles
            was = isinstance(before, frozenset) and GUEST in before
            guests += (GUEST in roles) - was
    return people, guests


def cliffs(limits: Limits, changes: Iterable[Change[Any]]) -> list[Note]:
    """What this server's edition will stop at, where that is near."""
    people, guests = people_after(limits, changes)
    found: list[str] = []
    if limits.people is not None and people >= limits.people * _NEAR:
        left = limits.people - people
        room = f"room for {left} more" if left > 0 else "no room for another"
        found.append(f"{people:,} of {limits.people:,} people who can sign in: {room}")
    if limits.guests is not None and guests and guests >= limits.guests * _NEAR:
        found.append(f"{guests:,} of {limits.guests:,} guests")
    if limits.messages is not None:
        text = f"this edition shows the last {limits.messages:,} messages only"
        found.append(text + (", and hides older ones already" if limits.hidden else ""))
    return [Note(kind=NoteKind.LIMIT, message=text) for text in found]
