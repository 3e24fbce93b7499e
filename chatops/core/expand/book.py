"""What is noted down while a company file is expanded, and the people behind its lists."""

import re
import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from chatops.core.desired import Dangling, Path, Reference
from chatops.resources import UNSET, Key, Kind, Maybe, Resource
from chatops.spec.models import Membership, Spec

__all__ = ["Book", "given", "squeezed", "text"]

T = TypeVar("T")

_DEEPEST = 50
"""So many groups inside each other, and no more."""


def given(value: T | None) -> Maybe[T]:
    """What the file says, or UNSET."""
    return UNSET if value is None else value


def text(value: str | None) -> Maybe[str]:
    """Text as every server keeps it: composed, no blank ends."""
    return UNSET if value is None else unicodedata.normalize("NFC", value).strip()


def squeezed(value: str | None) -> Maybe[str]:
    """Text of one line with each run of white space made one space."""
    found = text(value)
    return re.sub(r"\s+", " ", found) if isinstance(found, str) else found


class Book:
    """Everything found so far: things, where they stand, and names that lead nowhere."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.resources: list[Resource] = []
        self.origins: dict[tuple[Key, str], Path] = {}
        self.dangling: list[Dangling] = []
        self.renames: dict[Key, Key] = {}
        self.exact: set[Key] = set()
        self.secrets: dict[Key, Reference] = {}
        self.pictures: dict[tuple[Key, str], Reference] = {}
        self.sections: set[Kind] = set()
        self.roles: dict[str, str] = {}
        """The built-in role behind each name."""
        self.own_roles: set[str] = set()
        self.usernames = {u.username for u in spec.users}
        self.inactive = frozenset(u.username for u in spec.users if u.active is False)
        self.guests: set[str] = set()
        self.implied: dict[str, frozenset[str]] = {}
        self.channels: set[str] = set()
        """Every channel that is listed, as team/channel, but for the archived."""
        self._groups = {g.name: (i, g) for i, g in enumerate(spec.groups)}
        self._people_known = (*self.usernames, *(f"group:{g}" for g in self._groups))
        self._flat: dict[str, frozenset[str]] = {}

    def add(self, resource: Resource, path: Path, **paths: Path) -> None:
        """A thing that should be there, and where the file says so."""
        self.resources.append(resource)
        self.origins[(resource.key, "")] = path
        for name, place in paths.items():
            self.origins[(resource.key, name)] = place

    def picture(self, key: Key, name: str | None, path: Path) -> None:
        """A file of a picture that a thing shall have."""
        if name is not None:
            self.pictures[(key, "picture")] = Reference(name, path)
            self.origins[(key, "picture")] = path

    def renamed(self, key: Key, old: str | None, path: Path) -> None:
        """The name that a thing had before."""
        if old is not None:
            self.renames[key] = Key(key.kind, old)
            self.origins[(key, "renamed_from")] = (*path, "renamed_from")

    def dangle(self, path: Path, name: str, among: str, known: Iterable[str]) -> None:
        """A name behind which there is nothing."""
        known = known if isinstance(known, tuple) else tuple(known)
        self.dangling.append(Dangling(path, name, among, known))

    def wrong(self, rule: str, path: Path, name: str, message: str, hint: str) -> None:
        """Something else that does not fit together."""
        self.dangling.append(Dangling(path, name, "", message=message, rule=rule, hint=hint))

    def is_exact(self, own: Membership | None) -> bool:
        """Whether a membership is exact, by its own word or the company's."""
        return (own or self.spec.policy.membership) is Membership.EXACT

    def channel(self, name: str, path: Path) -> str:
        """A channel that is named elsewhere: it must be listed."""
        if name not in self.channels:
            self.dangle(path, name, "channels", self.channels)
        return name

    def flatten_groups(self) -> None:
        """Look into every group, also those that nobody names."""
        for name in self._groups:
            self._group(name, ())

    def people(
        self, names: Iterable[str], path: Path, above: tuple[str, ...] = ()
    ) -> frozenset[str]:
        """User names behind a list of user names, groups and `everyone`; without the inactive."""
        people: set[str] = set()
        for i, name in enumerate(names):
            if name == "everyone":
                people |= self.usernames - self.guests
            elif name.startswith("group:"):
                group = name.removeprefix("group:")
                if group in self._groups:
                    people |= self._group(group, above)
                else:
                    self.dangle((*path, i), group, "groups", tuple(self._groups))
            elif name in self.usernames:
                people.add(name)
            else:
                self.dangle((*path, i), name, "users", self._people_known)
        return frozenset(people) - self.inactive

    def _group(self, name: str, above: tuple[str, ...]) -> frozenset[str]:
        if name in self._flat:
            return self._flat[name]
        i, group = self._groups[name]
        path: Path = ("groups", i, "members")
        hint = "take one of them out of the other"
        if name in above:
            circle = " → ".join((*above[above.index(name) :], name))
            self.wrong("group-cycle", path, name, f"the group contains itself: {circle}", hint)
            return frozenset()
        if len(above) > _DEEPEST:
            message = f"more than {_DEEPEST} groups stand inside each other"
            self.wrong("group-cycle", path, name, message, hint)
            return frozenset()
        people = self.people(group.members, path, (*above, name))
        self._flat[name] = people
        return people
