"""All that can be said of a release without asking a server: what it holds, and would refuse."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from chatops.resources import Kind, Live, Resource

__all__ = [
    "Alike",
    "Can",
    "Cap",
    "Facts",
    "Length",
    "Namespace",
    "Never",
    "Pattern",
    "PictureSize",
    "Public",
    "Release",
    "Reserved",
    "Rule",
    "Support",
]


@dataclass(frozen=True, order=True)
class Release:
    """What a server says it is, or what the spec says it will be.

    `version` is a tuple of numbers as long as known: (11, 6, 0) or (11, 7).
    """

    version: tuple[int, ...]
    edition: str

    @property
    def text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


class Can(StrEnum):
    """Whether a platform can hold a thing."""

    YES = "yes"
    NO = "no"
    EMULATED = "emulated"
    LOOKUP = "lookup"
    PAID = "paid"


@dataclass(frozen=True)
class Support:
    """One cell of the support table. `note` says what happens instead, `source` how we know."""

    can: Can
    note: str = ""
    source: str = ""

    @property
    def held(self) -> bool:
        """Whether the field is written at all."""
        return self.can in (Can.YES, Can.EMULATED)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A field's text must match as a whole."""

    kind: Kind
    field: str
    regex: str
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Length:
    """A field's text must be at most so long; in characters, or in bytes of UTF-8."""

    kind: Kind
    field: str
    most: int
    least: int = 0
    bytes: bool = False


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """A field's text must not be one of these words, or begin with one. Compared folded."""

    kind: Kind
    field: str
    words: frozenset[str]
    why: str
    prefix: bool = False


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """The names of these kinds must differ without regard to case, on the whole server or,
    for things below a team, within the team.
    """

    kinds: frozenset[Kind]
    per_team: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Cap:
    """No more than so many of a kind. `active` counts only people who can sign in."""

    kind: Kind
    most: int
    why: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Things of one name in different teams must have the same value of a field."""

    kind: Kind
    field: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Never:
    """One thing must not have all these values at once; `field` is the one that is at fault."""

    kind: Kind
    field: str
    values: Mapping[str, Any]
    why: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Public:
    """The channel that a field names must not be private."""

    kind: Kind
    field: str
    why: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class PictureSize:
    """A picture of a kind has at most so many bytes, and so many pixels a side."""

    kind: Kind
    bytes: int
    side: int


Rule: TypeAlias = (
    Pattern | Length | Reserved | Namespace | Cap | Alike | Never | Public | PictureSize
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that can be said of a release without asking a server.

    `support` has a cell for a whole `kind`, for `kind.field` (`channel.topic`), for
    `kind.rename`, for each `setting.<path>`, each `role.<name>`, each `permission.<word>` (and
    `permission.<word>.<role>` where it depends on the role), each `onboarding.<way>`, for
    `role.own` and `direct-message.group`. A cell covers all that is named below it
    (`setting.sign_in.ldap` all its keys); no cell at all means yes.
    `anyway` has the value that a feature which is not held has all the same (no retention: kept
    for ever): to write it asks for nothing.
    `normalize` brings a wanted resource into the form that the server stores, never its key.
    `implied` gives the settings that a company of a size needs though no one wrote them.
    `pristine` is what a fresh server of this release holds.
    """

    label: str
    editions: tuple[str, ...]
    support: Mapping[str, Support]
    rules: tuple[Rule, ...]
    normalize: Mapping[Kind, Callable[[Any], Any]]
    implied: Callable[[Collection[Resource]], tuple[Resource, ...]]
    pristine: tuple[Live[Any], ...]
    remarks: tuple[str, ...] = ()
    anyway: Mapping[str, Any] = field(default_factory=dict)

    def so_anyway(self, feature: str, value: Any) -> bool:
        """Whether a feature has this value even where the platform does not hold it."""
        return feature in self.anyway and bool(self.anyway[feature] == value)

    def cell(self, feature: str) -> Support:
        """The support of one feature."""
        return self.support.get(self.covering(feature), Support(Can.YES))

    def support_of_kind(self, kind: Kind) -> Support:
        """The support of a whole kind."""
        return self.support.get(kind.value, Support(Can.YES))

    def covering(self, feature: str) -> str:
        """The name of the cell that speaks for a feature: its own, or the nearest above it."""
        name = feature
        while name and name not in self.support:
            name = name.rpartition(".")[0]
        return name or feature
