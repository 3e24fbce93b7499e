"""People, and what they may do."""

from dataclasses import dataclass, field
from typing import ClassVar

from chatops.resources.base import UNSET, Key, Kind, Maybe, Picture, Resource
from chatops.secrets import Secret

__all__ = ["Role", "User", "in_part"]


def in_part(word: str) -> str:
    """How a live role says that it holds some of the permissions behind a word, and not all."""
    return f"{word} (in part)"


@dataclass(frozen=True, kw_only=True)
class Role(Resource):
    """What a role may do: a built-in one (`admin`, `member`, `guest`, `team-lead`,
    `channel-lead`), or one of the company's own.

    `may` holds words of ours (`channel.create`). A wanted role says what is added in `may` and
    what is taken away in `may_not`; everything else stays as it is on the server, since upgrades
    add permissions of their own. A live role says in `may` all the words that it holds, and those
    `in_part` of which it holds a part.
    """

    kind: ClassVar[Kind] = Kind.ROLE
    name: str = field(metadata={"identity": True})
    own: bool = field(default=False, metadata={"identity": True})
    description: Maybe[str] = UNSET
    may: Maybe[frozenset[str]] = UNSET
    may_not: frozenset[str] = field(default=frozenset(), metadata={"identity": True})

    @property
    def key(self) -> Key:
        """`role:team-lead`."""
        return Key(self.kind, self.name)


@dataclass(frozen=True, kw_only=True)
class User(Resource):
    """A person.

    `roles` holds built-in roles only. `own_roles` holds those of the company's own roles that the
    spec lists; others on the server stay as they are.
    """

    kind: ClassVar[Kind] = Kind.USER
    username: str
    name: Maybe[str] = UNSET
    email: Maybe[str] = UNSET
    title: Maybe[str] = UNSET
    locale: Maybe[str] = UNSET
    timezone: Maybe[str] = UNSET
    picture: Maybe[Picture | str] = UNSET
    """Live: "" for none of their own, UNKNOWN for one that cannot be told."""
    roles: Maybe[frozenset[str]] = UNSET
    own_roles: Maybe[frozenset[str]] = UNSET
    active: Maybe[bool] = UNSET
    password: Maybe[Secret] = field(default=UNSET, metadata={"write_only": True}, repr=False)

    @property
    def key(self) -> Key:
        """`user:ida`."""
        return Key(self.kind, self.username)

    @property
    def refs(self) -> frozenset[Key]:
        """The company's own roles that the person has."""
        own = self.own_roles if isinstance(self.own_roles, frozenset) else frozenset()
        return frozenset(Key(Kind.ROLE, name) for name in own)
