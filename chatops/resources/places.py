"""Teams, channels, who is in them, and conversations."""

from dataclasses import dataclass, field
from typing import ClassVar

from chatops.resources.base import UNSET, Key, Kind, Maybe, Resource

__all__ = [
    "Channel",
    "ChannelMembers",
    "DirectMessage",
    "PinnedMessages",
    "Team",
    "TeamMembers",
]


def _people(*fields: Maybe[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(f for f in fields if isinstance(f, frozenset)))


@dataclass(frozen=True, kw_only=True)
class Team(Resource):
    """A team: a group of channels and of people."""

    kind: ClassVar[Kind] = Kind.TEAM
    name: str
    display_name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    open: Maybe[bool] = UNSET
    archived: Maybe[bool] = UNSET

    @property
    def key(self) -> Key:
        """`team:operations`."""
        return Key(self.kind, self.name)


@dataclass(frozen=True, kw_only=True)
class Channel(Resource):
    """A channel of a team. `posting` is `everyone` or `leads`; `default`: who joins the team
    comes into it too.
    """

    kind: ClassVar[Kind] = Kind.CHANNEL
    team: str = field(metadata={"identity": True})
    name: str
    display_name: Maybe[str] = UNSET
    topic: Maybe[str] = UNSET
    purpose: Maybe[str] = UNSET
    private: Maybe[bool] = UNSET
    posting: Maybe[str] = UNSET
    default: Maybe[bool] = UNSET
    archived: Maybe[bool] = UNSET

    @property
    def key(self) -> Key:
        """`channel:operations/dispatch`."""
        return Key(self.kind, f"{self.team}/{self.name}")

    @property
    def refs(self) -> frozenset[Key]:
        """Its team."""
        return frozenset({Key(Kind.TEAM, self.team)})


@dataclass(frozen=True, kw_only=True)
class TeamMembers(Resource):
    """Who is in a team, as user names, and who leads it."""

    kind: ClassVar[Kind] = Kind.TEAM_MEMBERS
    team: str = field(metadata={"identity": True})
    members: Maybe[frozenset[str]] = UNSET
    leads: Maybe[frozenset[str]] = UNSET

    @property
    def key(self) -> Key:
        """`team-members:operations`."""
        return Key(self.kind, self.team)

    @property
    def refs(self) -> frozenset[Key]:
        """The team. People are waited for by the engine, one failed person stops no team."""
        return frozenset({Key(Kind.TEAM, self.team)})

    @property
    def people(self) -> frozenset[str]:
        """Members and leads."""
        return _people(self.members, self.leads)


@dataclass(frozen=True, kw_only=True)
class ChannelMembers(Resource):
    """Who is in a channel, as user names, and who looks after it."""

    kind: ClassVar[Kind] = Kind.CHANNEL_MEMBERS
    team: str = field(metadata={"identity": True})
    channel: str = field(metadata={"identity": True})
    members: Maybe[frozenset[str]] = UNSET
    leads: Maybe[frozenset[str]] = UNSET

    @property
    def key(self) -> Key:
        """`members:operations/dispatch`."""
        return Key(self.kind, f"{self.team}/{self.channel}")

    @property
    def refs(self) -> frozenset[Key]:
        """The channel, and the people of its team: only they can be in it."""
        return frozenset(
            {
                Key(Kind.CHANNEL, f"{self.team}/{self.channel}"),
                Key(Kind.TEAM_MEMBERS, self.team),
            }
        )

    @property
    def people(self) -> frozenset[str]:
        """Members and leads."""
        return _people(self.members, self.leads)


@dataclass(frozen=True, kw_only=True)
class PinnedMessages(Resource):
    """The texts that are pinned in a channel.

    A live one holds all that is pinned, and in `ours` those texts that the account which runs
    wrote: of these, what the spec no longer lists is unpinned. Messages are never deleted.
    """

    kind: ClassVar[Kind] = Kind.PINNED
    team: str = field(metadata={"identity": True})
    channel: str = field(metadata={"identity": True})
    texts: Maybe[frozenset[str]] = UNSET
    ours: frozenset[str] = field(default=frozenset(), metadata={"identity": True})

    @property
    def key(self) -> Key:
        """`pinned:operations/dispatch`."""
        return Key(self.kind, f"{self.team}/{self.channel}")

    @property
    def refs(self) -> frozenset[Key]:
        """The channel."""
        return frozenset({Key(Kind.CHANNEL, f"{self.team}/{self.channel}")})


@dataclass(frozen=True, kw_only=True)
class DirectMessage(Resource):
    """A conversation between a few people: there or not, it has nothing to change."""

    kind: ClassVar[Kind] = Kind.DIRECT_MESSAGE
    members: frozenset[str] = field(metadata={"identity": True})

    @property
    def key(self) -> Key:
        """`direct-message:bo+ida`, the names sorted."""
        return Key(self.kind, "+".join(sorted(self.members)))

    @property
    def refs(self) -> frozenset[Key]:
        """Everybody in it."""
        return frozenset(Key(Kind.USER, name) for name in self.members)
