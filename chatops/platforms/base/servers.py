"""A product, a running one, and how to get to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatops.platforms.base.facts import Facts, Release
from chatops.platforms.base.handlers import Handler
from chatops.resources import Kind
from chatops.secrets import Secret

__all__ = ["AdminSeed", "Credential", "Limits", "Network", "Platform", "Server", "Target"]


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

    def change_password(self, new: Secret) -> None:
        """Give the account that runs, which signed in with a password, another one."""
        ...

    def close(self) -> None:
        """Sign out, where we signed in."""
        ...


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
    """A server to talk to: where, as whom, how. `side_by_side`: connections at most.

    `plugins`: for each that a server may lack, the file or the address it is installed from.
    """

    url: str
    credential: Credential
    network: Network = field(default_factory=Network)
    side_by_side: int = 8
    plugins: Mapping[str, str] = field(default_factory=dict)


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
    token_needs_user: bool
    """Whether a token is only good together with the identifier of its account."""
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
