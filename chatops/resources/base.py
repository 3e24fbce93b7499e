"""The things that are managed, in words that belong to no product.

A resource is a value: what one thing should be, or what it is. `UNSET` in a wanted field means
"the spec does not say, leave it alone"; `UNKNOWN` in a live field means "the server does not
show it". Neither is ever a difference.
"""

import fnmatch
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum, StrEnum
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar

__all__ = [
    "ADMIN",
    "CHANNEL_LEAD",
    "GUEST",
    "MEMBER",
    "TEAM_LEAD",
    "UNKNOWN",
    "UNSET",
    "Ids",
    "Key",
    "Kind",
    "Live",
    "Maybe",
    "Picture",
    "Resource",
    "Unknown",
    "Unset",
    "field_names",
    "key_matches",
]


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNSET: Final = Unset.UNSET
UNKNOWN: Final = Unknown.UNKNOWN

T = TypeVar("T")
Maybe: TypeAlias = T | Unset | Unknown


class Kind(StrEnum):
    """The kinds of things, in the order in which they are read and printed."""

    SETTING = "setting"
    ROLE = "role"
    USER = "user"
    TEAM = "team"
    TEAM_MEMBERS = "team-members"
    CHANNEL = "channel"
    CHANNEL_MEMBERS = "members"
    PINNED = "pinned"
    DIRECT_MESSAGE = "direct-message"
    INCOMING_WEBHOOK = "incoming-webhook"
    OUTGOING_WEBHOOK = "outgoing-webhook"
    SLASH_COMMAND = "slash-command"
    BOT = "bot"
    EMOJI = "emoji"
    DEPARTMENT = "department"
    BUSINESS_HOURS = "business-hours"


@dataclass(frozen=True, order=True)
class Key:
    """The identity of one thing: `user:ida`, `channel:operations/dispatch`.

    `name` is what the spec calls it; below a team it is `team/name`.
    """

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def folded(self) -> "Key":
        """The key as names are compared: without regard to case."""
        return Key(self.kind, self.name.casefold())


def key_matches(pattern: str, key: Key) -> bool:
    """Whether `kind:glob`, or a bare `kind`, names this key, whatever the case.

    `kind/glob` is taken as well.
    """
    kind, colon, glob = pattern.partition(":")
    if not colon:
        kind, _, glob = pattern.partition("/")
    return kind in (key.kind, "*") and (
        not glob or fnmatch.fnmatchcase(key.name.casefold(), glob.casefold())
    )


ADMIN: Final = "admin"
MEMBER: Final = "member"
GUEST: Final = "guest"
"""The three built-in roles of a person, on every platform."""
TEAM_LEAD: Final = "team-lead"
CHANNEL_LEAD: Final = "channel-lead"
"""What the leads of a team and of a channel are; nobody is given these by name."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """The root of all kinds. Fields marked `identity` make the key and are never compared."""

    kind: ClassVar[Kind]

    @property
    def key(self) -> Key:
        """Its identity."""
        raise NotImplementedError

    @property
    def refs(self) -> frozenset[Key]:
        """What must exist before it can."""
        return frozenset()

    @property
    def people(self) -> frozenset[str]:
        """Whom it names: their accounts come first, and one that fails blocks nothing."""
        return frozenset()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image file. Servers do not show it again as it was sent, so it is told by its hash."""

    name: str
    data: bytes = field(repr=False, compare=False)
    sha256: str

    def __str__(self) -> str:
        return f"{self.name} (sha256 {self.sha256[:12]})"


def field_names(resource: Resource | type[Resource], *, writable: bool = False) -> tuple[str, ...]:
    """The fields that are compared; with `writable` also those that are only ever sent."""
    return tuple(
        f.name
        for f in fields(resource)
        if not f.metadata.get("identity") and (writable or not f.metadata.get("write_only"))
    )


R = TypeVar("R", bound=Resource)
R_co = TypeVar("R_co", bound=Resource, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Live(Generic[R_co]):
    """A thing as it is on the server.

    `id` is the server's own identifier. `protected`: the server made it itself, it is never
    removed. `locked` says of a field why it cannot be written (set by environment, no second
    factor at hand). `archived` repeats whether it is out of use, in a form every kind has.
    """

    resource: R_co
    id: str
    archived: bool = False
    protected: bool = False
    locked: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """The key of what it holds."""
        return self.resource.key

    def with_(self, **changed: Any) -> "Live[R_co]":
        """The same with other fields of the resource."""
        return replace(self, resource=replace(self.resource, **changed))


class Ids:
    """The server's identifiers by key, filled while reading and creating. Safe to share."""

    def __init__(self) -> None:
        self._by_key: dict[Key, str] = {}
        self._by_id: dict[tuple[Kind, str], str] = {}
        self._lock = threading.Lock()

    def put(self, key: Key, ident: str) -> None:
        """Remember. The latest name of an identifier wins, older names still find it."""
        with self._lock:
            self._by_key[key.folded] = ident
            self._by_id[(key.kind, ident)] = key.name

    def find(self, kind: Kind, name: str) -> str | None:
        """The identifier, or None for a thing nobody has seen."""
        return self._by_key.get(Key(kind, name).folded)

    def get(self, kind: Kind, name: str) -> str:
        """The identifier. Raises KeyError."""
        ident = self.find(kind, name)
        if ident is None:
            raise KeyError(f"{kind}:{name}")
        return ident

    def name(self, kind: Kind, ident: str) -> str | None:
        """The name behind an identifier."""
        return self._by_id.get((kind, ident))

    def names(self, kind: Kind, idents: Iterable[str]) -> Iterator[str]:
        """The names behind those identifiers that are known."""
        for ident in idents:
            name = self.name(kind, ident)
            if name is not None:
                yield name
