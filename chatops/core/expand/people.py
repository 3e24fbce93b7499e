"""Roles, and the people who have them."""

from typing import Final

from chatops.core.desired import Path
from chatops.core.expand.book import Book, given, squeezed, text
from chatops.resources import (
    ADMIN,
    CHANNEL_LEAD,
    GUEST,
    MEMBER,
    TEAM_LEAD,
    UNSET,
    Key,
    Kind,
    Maybe,
    Role,
    User,
)
from chatops.spec.models import User as Person

__all__ = ["break_glass", "expand_roles", "expand_users"]

_BUILT_IN: Final = (ADMIN, MEMBER, GUEST, TEAM_LEAD, CHANNEL_LEAD)
_MAPS: Final = {
    "system_admin": ADMIN,
    "member": MEMBER,
    "guest": GUEST,
    "team_lead": TEAM_LEAD,
    "channel_lead": CHANNEL_LEAD,
}


def expand_roles(book: Book) -> None:
    """What each name of a role means, and what the roles may do."""
    book.roles = {name: name for name in _BUILT_IN}
    found: dict[str, tuple[Role, Path]] = {}
    words: dict[str, dict[str, Path]] = {}
    for i, role in enumerate(book.spec.roles):
        path: Path = ("roles", i)
        if role.maps_to is not None:
            target = _MAPS[role.maps_to]
        elif role.name in _BUILT_IN:
            target = role.name
        elif role.may is None:
            book.wrong(
                "role-meaning",
                (*path, "name"),
                role.name,
                f"the role `{role.name}` maps to nothing",
                "say what it is: `maps_to: system_admin`, `member` or `guest`; or what it `may`",
            )
            continue
        else:
            target = role.name
            book.own_roles.add(target)
        if target != role.name or target in _BUILT_IN:
            book.roles[role.name] = target
        both = frozenset(role.may or ()) & frozenset(role.may_not or ())
        for word in sorted(both):
            j = (role.may_not or []).index(word)
            book.wrong(
                "role-both",
                (*path, "may_not", j),
                word,
                f"the role may and may not `{word}`",
                "take it out of one of the two",
            )
        if role.may is None and role.may_not is None:
            continue
        known = found.get(target, (Role(name=target, own=target in book.own_roles), path))
        before = known[0].may if isinstance(known[0].may, frozenset) else frozenset()
        merged = Role(
            name=target,
            own=target in book.own_roles,
            description=text(role.description),
            may=before | frozenset(role.may or ()),
            may_not=known[0].may_not | frozenset(role.may_not or ()),
        )
        found[target] = (merged, known[1])
        for key, listed in (("may", role.may), ("may_not", role.may_not)):
            for j, word in enumerate(listed or ()):
                words.setdefault(target, {})[f"permission.{word}"] = (*path, key, j)
    for resource, path in found.values():
        places = {"may": (*path, "may"), "description": (*path, "description")}
        book.add(resource, path, **places, **words.get(resource.name, {}))


def expand_users(book: Book) -> None:
    """The people."""
    for i, person in enumerate(book.spec.users):
        path: Path = ("users", i)
        roles, own = _roles(book, person, path)
        user = User(
            username=person.username,
            name=squeezed(person.name),
            email=given(person.email.lower() if person.email else None),
            title=squeezed(person.title),
            locale=given(person.locale),
            timezone=given(person.timezone),
            roles=roles,
            own_roles=own,
            active=given(person.active),
        )
        said = {n: (*path, n) for n in type(person).model_fields if n in person.model_fields_set}
        if own:
            said["own_roles"] = (*path, "roles")
        book.add(user, path, **said)
        book.picture(user.key, person.picture, (*path, "picture"))
        book.renamed(user.key, person.renamed_from, path)


def break_glass(book: Book) -> Key | None:
    """The account for the day when nothing else lets anybody in: an active admin of the list."""
    name = book.spec.sign_in.break_glass
    if name is None:
        return None
    path: Path = ("sign_in", "break_glass")
    found = next((r for r in book.resources if isinstance(r, User) and r.username == name), None)
    if found is None:
        book.dangle(path, name, "people", sorted(book.usernames))
    elif not isinstance(found.roles, frozenset) or ADMIN not in found.roles:
        book.wrong(
            "break-glass",
            path,
            name,
            f"`{name}` is no admin, so nobody could mend anything with this account",
            f"give `roles: [admin]` to {name}, or name another account",
        )
    elif found.active is False:
        book.wrong(
            "break-glass",
            path,
            name,
            f"`{name}` is not active, so nobody could sign in with this account",
            f"take `active: false` from {name}, or name another account",
        )
    return Key(Kind.USER, name)


def _roles(
    book: Book, person: Person, path: Path
) -> tuple[Maybe[frozenset[str]], Maybe[frozenset[str]]]:
    """The built-in role of a person, and the company's own ones."""
    if person.roles is None:
        return UNSET, UNSET
    found: set[str] = set()
    own: set[str] = set()
    for j, name in enumerate(person.roles):
        target = book.roles.get(name)
        if name in book.own_roles:
            own.add(name)
        elif target is None:
            known = tuple(n for n, t in book.roles.items() if t not in (TEAM_LEAD, CHANNEL_LEAD))
            book.dangle((*path, "roles", j), name, "roles", (*known, *sorted(book.own_roles)))
        elif target in (TEAM_LEAD, CHANNEL_LEAD):
            what = "team" if target == TEAM_LEAD else "channel"
            book.wrong(
                "lead-by-name",
                (*path, "roles", j),
                name,
                f"`{name}` is what the leads of a {what} are; a person gets it there",
                f"name the person under `leads` of the {what}",
            )
        else:
            found.add(target)
    high = next((r for r in (ADMIN, GUEST) if r in found), MEMBER)
    if high == GUEST:
        book.guests.add(person.username)
    return frozenset({high}), frozenset(own) if book.own_roles else UNSET
