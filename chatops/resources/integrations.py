"""What other programs do in the chat. Channels are named `team/channel`."""

from dataclasses import dataclass, field
from typing import ClassVar

from chatops.resources.base import UNSET, Key, Kind, Maybe, Picture, Resource

__all__ = ["Bot", "Emoji", "IncomingWebhook", "OutgoingWebhook", "SlashCommand"]


def _channels(*names: Maybe[str]) -> frozenset[Key]:
    return frozenset(Key(Kind.CHANNEL, n) for n in names if isinstance(n, str))


@dataclass(frozen=True, kw_only=True)
class IncomingWebhook(Resource):
    """An address at which a program writes into a channel. Its URL is an output, and secret."""

    kind: ClassVar[Kind] = Kind.INCOMING_WEBHOOK
    name: str = field(metadata={"identity": True})
    channel: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    username: Maybe[str] = UNSET
    icon_url: Maybe[str] = UNSET

    @property
    def key(self) -> Key:
        """`incoming-webhook:ci`."""
        return Key(self.kind, self.name)

    @property
    def refs(self) -> frozenset[Key]:
        """The channel it writes into."""
        return _channels(self.channel)


@dataclass(frozen=True, kw_only=True)
class OutgoingWebhook(Resource):
    """A program that is told when somebody writes a certain word. Its token is an output."""

    kind: ClassVar[Kind] = Kind.OUTGOING_WEBHOOK
    name: str = field(metadata={"identity": True})
    channel: Maybe[str] = UNSET
    trigger_words: Maybe[frozenset[str]] = UNSET
    url: Maybe[str] = UNSET
    description: Maybe[str] = UNSET

    @property
    def key(self) -> Key:
        """`outgoing-webhook:weather`."""
        return Key(self.kind, self.name)

    @property
    def refs(self) -> frozenset[Key]:
        """The channel it listens in."""
        return _channels(self.channel)


@dataclass(frozen=True, kw_only=True)
class SlashCommand(Resource):
    """A command that people write, answered by a program. Its token is an output."""

    kind: ClassVar[Kind] = Kind.SLASH_COMMAND
    team: str = field(metadata={"identity": True})
    trigger: str = field(metadata={"identity": True})
    url: Maybe[str] = UNSET
    method: Maybe[str] = UNSET
    display_name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    hint: Maybe[str] = UNSET
    autocomplete: Maybe[bool] = UNSET
    username: Maybe[str] = UNSET

    @property
    def key(self) -> Key:
        """`slash-command:operations/truck`."""
        return Key(self.kind, f"{self.team}/{self.trigger}")

    @property
    def refs(self) -> frozenset[Key]:
        """Its team."""
        return frozenset({Key(Kind.TEAM, self.team)})


@dataclass(frozen=True, kw_only=True)
class Bot(Resource):
    """An account for a program. Its token is an output. `channels` are added to, never left."""

    kind: ClassVar[Kind] = Kind.BOT
    username: str = field(metadata={"identity": True})
    display_name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    picture: Maybe[Picture | str] = UNSET
    channels: Maybe[frozenset[str]] = UNSET
    active: Maybe[bool] = UNSET
    token: Maybe[bool] = field(default=UNSET, metadata={"write_only": True})
    """True asks for another one: the server makes it, and the old one ends."""

    @property
    def key(self) -> Key:
        """`bot:robo`."""
        return Key(self.kind, self.username)

    @property
    def refs(self) -> frozenset[Key]:
        """The channels it is in."""
        return _channels(*(self.channels if isinstance(self.channels, frozenset) else ()))


@dataclass(frozen=True, kw_only=True)
class Emoji(Resource):
    """A picture of one's own to put into messages."""

    kind: ClassVar[Kind] = Kind.EMOJI
    name: str = field(metadata={"identity": True})
    picture: Maybe[Picture | str] = UNSET

    @property
    def key(self) -> Key:
        """`emoji:nordlys`."""
        return Key(self.kind, self.name)
