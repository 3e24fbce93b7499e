"""What a product's stand-in offers the server around it, and a view of it in neutral words."""

from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.responses import Response


@dataclass(frozen=True)
class MessageView:
    """One line of a channel; `time` in milliseconds since 1970."""

    author: str
    text: str
    time: int
    system: bool = False


@dataclass(frozen=True)
class ChannelView:
    """A channel and the latest of what was said in it, oldest first."""

    name: str
    display_name: str
    topic: str
    purpose: str
    private: bool
    archived: bool
    members: tuple[str, ...]
    messages: tuple[MessageView, ...]


@dataclass(frozen=True)
class TeamView:
    """A team and its channels. A product's rooms without a team come under a team of no name."""

    name: str
    display_name: str
    archived: bool
    channels: tuple[ChannelView, ...]


@dataclass(frozen=True)
class PersonView:
    """An account; `name` is the full name, `title` the position."""

    username: str
    name: str
    title: str
    roles: tuple[str, ...]
    active: bool


@dataclass(frozen=True)
class WorkspaceView:
    """All that a page about a workspace shows."""

    name: str
    teams: tuple[TeamView, ...]
    people: tuple[PersonView, ...]


class Workspace(Protocol):
    """A product's stand-in: its routes, its first admin, its picture."""

    product: str
    version: str

    def app(self) -> Starlette:
        """The product's own REST routes, from the root of the server."""
        ...

    def seed_admin(self, username: str, password: str, email: str) -> None:
        """Make the first administrator; one who is there already stays as they are."""
        ...

    def view(self) -> WorkspaceView:
        """What is in the workspace now."""
        ...

    def refusal(self, status: int, retry_after: int) -> Response:
        """How this product refuses with 429 or fails with 5xx: its own body and headers."""
        ...
