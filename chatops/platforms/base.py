"""The seam: what a platform must offer, so that the engine never has to know which it is.

*cannot* is said in `Facts.support`, *would refuse* in `Facts.rules`, *stores differently* in
`Facts.normalize`, *calls differently* in a `Handler`.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

from chatops.resources import Ids, Key, Kind, Live, Picture, Resource
from chatops.secrets import Secret

__all__ = [
    "Action",
    "AdminSeed",
    "Alike",
    "Can",
    "Cap",
    "Change",
    "Credential",
    "Facts",
    "GivesOutputs",
    "GivesPictures",
    "Handler",
    "Length",
    "Limits",
    "Namespace",
    "Network",
    "Onboarding",
    "Output",
    "Pattern",
    "Platform",
    "Problem",
    "Release",
    "Removal",
    "Reserved",
    "Result",
    "Rule",
    "Run",
    "Scope",
    "Server",
    "Support",
    "Target",
]

R = TypeVar("R", bound=Resource)
Scope: TypeAlias = Collection[Key] | None
"""The keys asked for; None: all of the kind."""


class Removal(StrEnum):
    """What removing means for a kind: the word that the plan prints."""

    ARCHIVE = "archive"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    NONE = "leave"


class Action(StrEnum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, kw_only=True)
class Change(Generic[R]):
    """One difference: what is wanted, what is there, and which fields differ.

    `want` is None for REMOVE, `have` is None for CREATE. In an UPDATE `want` holds the complete
    thing, unmentioned fields being UNSET, and `changed` names the fields to write. A renamed
    thing keeps its identifier: `have` is the old one, `changed` holds `name` (or `username`).
    """

    action: Action
    key: Key
    want: R | None
    have: Live[R] | None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Why something did not work: prose for a person, and the server's own name of the error."""

    message: str
    code: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Output:
    """What a thing gives to the outside: a webhook's address, a bot's token. Text is no secret."""

    value: Secret | str


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a change went. `failed` names the parts of a batch that did not work, and why.

    `outputs`: what the server told now and perhaps never again.
    """

    id: str = ""
    failed: Mapping[str, Problem] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)


class Onboarding(StrEnum):
    """How a new person gets in."""

    MAIL = "mail"
    FILE = "file"
    SSO = "sso"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What handlers share while changes are made."""

    ids: Ids
    cancelled: threading.Event = field(default_factory=threading.Event)
    onboarding: Onboarding = Onboarding.FILE
    keep: Callable[[Key, Mapping[str, Output]], None] = lambda key, outputs: None
    """Puts outputs where they are not lost; called before the change counts as done."""
    remember: Callable[[Key, str, Secret | Picture], None] = lambda key, name, value: None
    """Notes what was written into a field that no server shows again."""


class Handler(Protocol[R]):
    """The worker for one kind on one platform.

    `create` on a thing that exists raises ApiError: a conflict, never adopted here. `remove` of
    what is gone already is fine. `update` touches `change.changed` alone.
    """

    removal: Removal

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[R]]:
        """What is there. Kinds are read in order, `ids` knows those read before."""
        ...

    def create(self, want: R, run: Run) -> Result:
        """Make it, with every field that is set."""
        ...

    def update(self, change: Change[R], run: Run) -> Result:
        """Write the changed fields."""
        ...

    def remove(self, have: Live[R], run: Run) -> Result:
        """Archive or deactivate it."""
        ...


@runtime_checkable
class GivesOutputs(Protocol):
    """A handler of a kind that has outputs."""

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """What of them the server shows again."""
        ...


@runtime_checkable
class GivesPictures(Protocol):
    """A handler of a kind whose picture the server shows as it was sent."""

    def picture(self, have: Live[Any]) -> bytes:
        """The file."""
        ...


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


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the running server will not exceed. None: it names no limit.

    `people` counts those who can sign in, `guests` those of them who are guests, `messages` how
    many of the last stay visible (`hidden`: some are beyond it already), `departments` how many
    may answer customers.
    """

    people: int | None = None
    people_now: int = 0
    guests: int | None = None
    guests_now: int = 0
    messages: int | None = None
    hidden: bool = False
    departments: int | None = None
    side_by_side: int = 8


class Server(Protocol):
    """A platform at work: one server, one account."""

    release: Release
    me: str
    """The user name of the account that runs: never locked out, never counted as drift."""
    limits: Limits
    handlers: Mapping[Kind, Handler[Any]]
    remarks: tuple[str, ...]
    """What to know before a run: an old version, a token that cannot write settings."""

    def close(self) -> None:
        """Sign out, where we signed in."""
        ...


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


Rule: TypeAlias = Pattern | Length | Reserved | Namespace | Cap | Alike


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


@dataclass(frozen=True, kw_only=True)
class Credential:
    """Who we are to a server: a token (with its user's id where the product wants it), or a
    name and password.
    """

    token: Secret | None = None
    user_id: str = ""
    username: str = ""
    password: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class Network:
    """How to get there. `ca_file`: a bundle to trust besides nothing else. Times in seconds."""

    ca_file: str = ""
    proxy: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 120.0


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server to talk to: where, as whom, how. `side_by_side`: connections at most."""

    url: str
    credential: Credential
    network: Network = field(default_factory=Network)
    side_by_side: int = 8


@dataclass(frozen=True, kw_only=True)
class AdminSeed:
    """The first admin of an empty server."""

    username: str
    email: str
    name: str
    password: Secret


class Platform(Protocol):
    """A product, usable with no server at hand."""

    name: str
    default_edition: str
    default_version: str
    versions: tuple[str, ...]
    """Releases whose support is worth telling apart, the oldest first."""
    websocket: str
    """Below the server's address: where people's programs keep a live connection."""

    def facts(self, release: Release) -> Facts:
        """What this release can hold and would refuse. Offline."""
        ...

    def answers(self, url: str, network: Network) -> bool:
        """Whether what answers at this address is this product. Asks it, without a credential.

        Raises UnreachableError where nothing answers.
        """
        ...

    def is_empty(self, url: str, network: Network) -> bool:
        """Whether the server at this address has no user yet. Asks it, without a credential."""
        ...

    def bootstrap(self, url: str, admin: AdminSeed, network: Network) -> None:
        """Register the first admin on an empty server; close registration in the same breath."""
        ...

    def connect(self, target: Target) -> Server:
        """Sign in and learn the release. Raises UnreachableError or CredentialError."""
        ...
