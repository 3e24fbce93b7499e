"""What lists of people have in common: names, batches, and saying who was not found.

The server lists active people only, and drops names it does not take without a word: after
adding, the list is read again, and whoever is not on it is reported.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from chatops.errors import ApiError
from chatops.platforms.base import Problem, Removal
from chatops.platforms.rocketchat.client import PAGE, Client, Row, chunks
from chatops.platforms.rocketchat.places import Places
from chatops.platforms.rocketchat.refusals import FORBIDDEN, GONE
from chatops.resources import Ids, Kind

__all__ = [
    "MODERATOR",
    "OWNER",
    "ROOM_SAYS_NO",
    "Person",
    "Roster",
    "noted",
    "present",
    "roles_of",
    "vanished",
    "without",
]

OWNER, MODERATOR = "owner", "moderator"
"""Roles that are held in one room or team."""

ROOM_SAYS_NO = FORBIDDEN | {
    "error-room-archived",
    "error-room-not-found",
    "error-invalid-room",
    "error-team-not-found",
    "team-does-not-exist",
}
"""Refusals that are about the room: nobody can be added, one by one or together."""

ONE_BY_ONE = frozenset(
    {"invalid-params", "error-invalid-params", "error-users-params-not-provided"}
)
"""What a release answers that takes one person a call."""


Person: TypeAlias = tuple[str, str]
"""A name and its identifier."""


def present(value: object) -> frozenset[str]:
    """The names, or none where nothing is said."""
    return value if isinstance(value, frozenset) else frozenset()


def without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Names that are not among the others, whatever the case of their letters."""
    known = {name.casefold() for name in others}
    return sorted(name for name in names if name.casefold() not in known)


class Roster:
    """A handler of a list of people."""

    removal = Removal.NONE

    def __init__(self, client: Client, places: Places, me: str) -> None:
        self.client = client
        self.places = places
        self.me = me
        self._singly: set[str] = set()

    def names(self, users: Iterable[Row], ids: Ids) -> frozenset[str]:
        """What these accounts are called; bots are no people."""
        names = []
        for user in users:
            ident = user.get("_id")
            if isinstance(ident, str) and ident not in self.places.robots:
                name = ids.name(Kind.USER, ident) or user.get("username")
                if isinstance(name, str):
                    names.append(name)
        return frozenset(names)

    def known(self, names: Sequence[str], ids: Ids, failed: dict[str, Problem]) -> list[Person]:
        """Names with their identifiers; those nobody knows are put on the list of failures."""
        found = []
        for name in names:
            ident = ids.find(Kind.USER, name) or self._look_up(name)
            if ident is None:
                failed[name] = Problem("the server has no such person", "error-user-not-found")
            else:
                found.append((name, ident))
        return found

    def _look_up(self, name: str) -> str | None:
        try:
            row = self.client.get("users.info", username=name).get("user") or {}
        except ApiError as error:
            if error.code in GONE:
                return None
            raise
        ident = row.get("_id")
        return ident if isinstance(ident, str) else None

    def in_batches(
        self,
        call: str,
        people: Sequence[Person],
        send: Callable[[Sequence[Person]], object],
        failed: dict[str, Problem],
    ) -> None:
        """Send people together; where that fails, one by one, noting each one's error."""
        for batch in chunks(list(people), PAGE):
            if len(batch) > 1 and call not in self._singly:
                try:
                    send(batch)
                    continue
                except ApiError as error:
                    if _hopeless(error):
                        raise
                    if error.code in ONE_BY_ONE:
                        self._singly.add(call)

            def alone(person: Person) -> None:
                try:
                    send([person])
                except ApiError as error:
                    if _hopeless(error):
                        raise
                    failed[person[0]] = noted(error)

            self.client.side(alone, batch)


def noted(error: ApiError) -> Problem:
    """An error as a part that did not work."""
    return Problem(error.message, error.code, error.hint)


def _hopeless(error: ApiError) -> bool:
    return error.status >= 500 or error.code in ROOM_SAYS_NO


def roles_of(row: Row) -> list[str]:
    """The roles that a row of a list tells."""
    roles = row.get("roles")
    return [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []


def vanished() -> Problem:
    """Why somebody is not in who was added without an error."""
    return Problem(
        "the server took the call and left this person out",
        "vanished",
        "it does so with accounts that are deactivated or were deleted meanwhile",
    )
