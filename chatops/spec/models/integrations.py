"""Keys about what other programs do in the chat."""

from typing import Literal

from pydantic import Field

from chatops.spec.models.types import Line, Model, Slug, Text, Url

__all__ = ["Bot", "Emoji", "IncomingWebhook", "Integrations", "OutgoingWebhook", "SlashCommand"]

Name = Line


class IncomingWebhook(Model):
    """An address at which a program writes into a channel."""

    name: Name = Field(min_length=1, max_length=64, description="Its name; known by it.")
    channel: Line = Field(description="Where it writes: team/channel.")
    description: Text | None = Field(None, description="What it is for.")
    username: Line | None = Field(None, description="The name it writes under.")
    icon_url: Url | None = Field(None, description="The picture it writes under.")


class OutgoingWebhook(Model):
    """A program that is told when somebody writes a certain word."""

    name: Name = Field(min_length=1, max_length=64, description="Its name; known by it.")
    channel: Line = Field(description="Where it listens: team/channel.")
    trigger_words: list[Line] = Field(min_length=1, description="Words that a message begins with.")
    url: Url = Field(description="The program's address.")
    description: Text | None = Field(None, description="What it is for.")


class SlashCommand(Model):
    """A command that people write, answered by a program."""

    team: Line = Field(description="The team in which it works.")
    trigger: Slug = Field(description="What people write behind the slash.")
    url: Url = Field(description="The program's address.")
    method: Literal["post", "get"] | None = Field(None, description="How it is called.")
    display_name: Line | None = Field(None, description="Its title.")
    description: Line | None = Field(None, description="What it does; shown while people write.")
    hint: Line | None = Field(None, description="What may stand behind it: [number].")
    autocomplete: bool | None = Field(None, description="Whether it is offered while people write.")
    username: Line | None = Field(None, description="The name its answers stand under.")


class Bot(Model):
    """An account for a program."""

    username: Slug = Field(description="Its name.")
    display_name: Line | None = Field(None, description="Its full name.")
    description: Line | None = Field(None, description="What it is for.")
    picture: Line | None = Field(None, description="Its picture: a PNG or JPEG file.")
    channels: list[Line] | None = Field(None, description="Where it is: team/channel.")


class Emoji(Model):
    """A picture of one's own to put into messages."""

    name: Slug = Field(description="What people write between colons.")
    file: Line = Field(description="The picture: a PNG, JPEG or GIF file, beside this one.")


class Integrations(Model):
    """What other programs do in the chat."""

    incoming_webhooks: list[IncomingWebhook] | None = Field(
        None, description="Addresses at which programs write into channels."
    )
    outgoing_webhooks: list[OutgoingWebhook] | None = Field(
        None, description="Programs that are told of certain words."
    )
    slash_commands: list[SlashCommand] | None = Field(
        None, description="Commands that people write."
    )
    bots: list[Bot] | None = Field(None, description="Accounts for programs.")
    emoji: list[Emoji] | None = Field(None, description="Pictures of one's own.")
