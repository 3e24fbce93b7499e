"""The account for the day when nothing else lets anybody in: its password is in the vault alone."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from chatops.core.desired import with_fields
from chatops.core.plan import Plan
from chatops.deploy.company import Company
from chatops.environments import Environment
from chatops.platforms.base import Action, Change
from chatops.resources import Key, User
from chatops.secrets import Secret, invent_password
from chatops.vault import LockedVaultError, Shape, Shelf

__all__ = [
    "BREAK_GLASS",
    "expected",
    "in_force",
    "in_vault",
    "sets_password",
    "unmade",
    "with_invented",
]

BREAK_GLASS: Final = "break-glass/"
"""What the name of its password in the vault begins with."""


def in_vault(person: Key) -> str:
    """What the password of an account is called in the vault."""
    return f"{BREAK_GLASS}{person.name}"


def expected(company: Company, environment: Environment) -> Company:
    """The same with the password that the account should have.

    Where none was made yet one stands for it that is never written: `with_invented` replaces it.
    """
    person = company.desired.break_glass
    if person is None:
        return company
    there = _kept(environment, person)
    password = there if there is not None else invent_password()
    return replace(company, desired=with_fields(company.desired, {person: {"password": password}}))


def unmade(company: Company, environment: Environment) -> frozenset[Key]:
    """The account, where no password was made for it yet. A vault that is locked does not tell."""
    person = company.desired.break_glass
    try:
        if person is None or environment.shelf is None or environment.shelf.find(in_vault(person)):
            return frozenset()
    except LockedVaultError:
        return frozenset()
    return frozenset({person})


def sets_password(change: Change[Any]) -> bool:
    """Whether this change writes the password of the account."""
    want = change.want
    if not isinstance(want, User) or not isinstance(want.password, Secret):
        return False
    return change.action is Action.CREATE or "password" in change.changed


def with_invented(plan: Plan, person: Key | None, shelf: Shelf) -> Plan:
    """The plan with the password of the vault, where it is on disk when this returns."""
    changes = tuple(
        _with(c, c.want, shelf.invent(in_vault(c.key), Shape.PASSWORD))
        if c.key == person and c.want is not None and sets_password(c)
        else c
        for c in plan.changes
    )
    return replace(plan, changes=changes)


def in_force(shelf: Shelf, person: Key | None) -> None:
    """Forget the password before a rotation once the new one has been written."""
    if person is None:
        return
    with suppress(LockedVaultError):
        entry = shelf.entry(in_vault(person))
        if entry is None or entry.previous is None or shelf.vault.read_only():
            return
        written = shelf.fingerprints()
        if written is not None and written.same(person, "password", entry.value):
            shelf.applied(in_vault(person))


def _with(change: Change[Any], want: User, password: Secret) -> Change[Any]:
    return replace(change, want=replace(want, password=password))


def _kept(environment: Environment, person: Key) -> Secret | None:
    try:
        return environment.shelf.find(in_vault(person)) if environment.shelf is not None else None
    except LockedVaultError:
        return None
