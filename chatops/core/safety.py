"""Why a plan is refused: caps, admins, room, and slips with --only. Pure answers in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chatops.platforms.base import Action, Change, Limits
from chatops.resources import ADMIN, Key, Kind, Live, User, key_matches
from chatops.spec.text import counted

__all__ = [
    "names_nothing",
    "stands_on_nothing",
    "taken_addresses",
    "too_few_admins",
    "too_many",
    "too_many_people",
]


def too_many(most: int | str, lost: Mapping[Kind, int], there: Mapping[Kind, int]) -> list[str]:
    """More of a kind would go than policy.max_removals allows, as a number or as a share."""
    found = []
    for kind, count in lost.items():
        managed = there.get(kind, 0)
        allowed = most if isinstance(most, int) else managed * int(most[:-1]) // 100
        if count > allowed:
            what = "membership" if "members" in kind.value else kind.value
            found.append(
                f"{counted(count, what)} would go, and policy.max_removals allows {allowed}"
                f"{f' ({most} of {managed})' if isinstance(most, str) else ''}"
                " (--allow-removals does it all the same)"
            )
    return found


def too_many_people(limits: Limits, changes: Iterable[Change[Any]]) -> list[str]:
    """More active people than this server takes."""
    if limits.people is None:
        return []
    more = sum(
        isinstance(c.want, User)
        and (c.action is Action.CREATE or ("active" in c.changed and c.want.active is True))
        for c in changes
    )
    after = limits.people_now + more
    if not more or after <= limits.people:
        return []
    people = counted(after, "active person", "active people")
    return [
        f"{people}, and this server takes {limits.people}: "
        "deactivate people (active: false) or choose another edition"
    ]


def too_few_admins(
    least: int, live: Mapping[Key, Live[Any]], changes: Iterable[Change[Any]]
) -> list[str]:
    """Taking an admin away must leave enough of them."""
    admins = {
        x.key.name
        for x in live.values()
        if isinstance(x.resource, User)
        and isinstance(x.resource.roles, frozenset)
        and ADMIN in x.resource.roles
        and x.resource.active is not False
    }
    after = set(admins)
    for change in changes:
        want = change.want
        if not isinstance(want, User):
            continue
        old = change.have.key.name if change.have else want.username
        is_admin = old in admins
        if "roles" in change.changed or change.action is Action.CREATE:
            is_admin = isinstance(want.roles, frozenset) and ADMIN in want.roles
        if want.active is False:
            is_admin = False
        after.discard(old)
        if is_admin:
            after.add(want.username)
    if len(after) >= least or len(after) >= len(admins):
        return []
    left = ", ".join(sorted(after)) or "nobody"
    return [f"{left} would remain as admin, and policy.min_admins wants {least}"]


def taken_addresses(live: Mapping[Key, Live[Any]], changes: Sequence[Change[Any]]) -> list[str]:
    """A mail address that another account has and keeps: no server gives it to a second one."""
    changing = {c.have.key for c in changes if c.have is not None and "email" in c.changed}
    owners = {
        x.resource.email.casefold(): x.key
        for x in live.values()
        if isinstance(x.resource, User) and isinstance(x.resource.email, str)
        if x.resource.email and x.key not in changing
    }
    found = []
    for change in changes:
        want = change.want
        new = change.action is Action.CREATE
        if not isinstance(want, User) or not isinstance(want.email, str):
            continue
        owner = owners.get(want.email.casefold()) if new or "email" in change.changed else None
        if owner is None or (change.have is not None and owner == change.have.key):
            continue
        hint = "give one of them another address"
        if new:
            hint = f"if it is the same person under a new name, write `renamed_from: {owner.name}`"
        found.append(f"{want.username}: {want.email} is the address of {owner.name}; {hint}")
    return found


def names_nothing(only: Iterable[str], keys: Sequence[Key]) -> list[str]:
    """A pattern that names nothing is a slip: it must not look like a quiet server."""
    return [
        f"--only {pattern} names nothing in the file or on the server "
        f"(kind, or kind:name; kinds are {', '.join(Kind)})"
        for pattern in only
        if not any(key_matches(pattern, key) for key in keys)
    ]


def stands_on_nothing(
    changes: Sequence[Change[Any]], live: Mapping[Key, Live[Any]], moving: Mapping[Key, Key]
) -> list[str]:
    """With --only a thing can be asked for whose ground is not."""
    coming = {c.key.folded for c in changes}
    return [
        f"{change.key} needs {ref}, which is neither on the server nor in --only"
        for change in changes
        for ref in sorted(change.want.refs if change.want is not None else ())
        if ref.kind is not Kind.TEAM_MEMBERS
        and moving.get(ref, ref).folded not in live
        and ref.folded not in coming
    ]
