"""Limits that come near are told; what is far away is not."""

from typing import Any

import pytest

from chatops.core.cliffs import cliffs, people_after
from chatops.platforms.base import Action, Change, Limits
from chatops.resources import Live, User


def new(name: str, *roles: str) -> Change[Any]:
    user = User(username=name, roles=frozenset(roles or {"member"}), active=True)
    return Change(action=Action.CREATE, key=user.key, want=user, have=None)


def turned(name: str, active: bool) -> Change[Any]:
    before = User(username=name, roles=frozenset({"member"}), active=not active)
    want = User(username=name, active=active)
    have = Live(resource=before, id=name)
    return Change(action=Action.UPDATE, key=want.key, want=want, have=have, changed=("active",))


def demoted(name: str) -> Change[Any]:
    before = User(username=name, roles=frozenset({"member"}), active=True)
    want = User(username=name, roles=frozenset({"guest"}))
    have = Live(resource=before, id=name)
    return Change(action=Action.UPDATE, key=want.key, want=want, have=have, changed=("roles",))


def told(limits: Limits, *changes: Change[Any]) -> list[str]:
    return [note.message for note in cliffs(limits, changes)]


@pytest.mark.parametrize(
    ("now", "changes", "text"),
    [
        (100, (), []),
        (198, (new("ann"),), []),
        (199, (new("ann"),), ["200 of 250 people who can sign in: room for 50 more"]),
        (249, (new("ann"),), ["250 of 250 people who can sign in: no room for another"]),
        (250, (turned("ann", False),), ["249 of 250 people who can sign in: room for 1 more"]),
        (199, (turned("ann", True),), ["200 of 250 people who can sign in: room for 50 more"]),
    ],
)
def test_people(now: int, changes: tuple[Change[Any], ...], text: list[str]) -> None:
    assert told(Limits(people=250, people_now=now), *changes) == text


def test_a_server_without_a_limit_says_nothing() -> None:
    assert told(Limits(people_now=10_000), new("ann")) == []


def test_guests_are_counted_by_what_they_become() -> None:
    limits = Limits(guests=5, guests_now=3)
    assert people_after(limits, [new("ann", "guest"), demoted("ben")]) == (1, 5)
    assert told(limits, demoted("ben")) == ["4 of 5 guests"]


def test_hidden_messages() -> None:
    assert told(Limits(messages=10_000)) == ["this edition shows the last 10,000 messages only"]
    assert told(Limits(messages=10_000, hidden=True)) == [
        "this edition shows the last 10,000 messages only, and hides older ones already"
    ]
