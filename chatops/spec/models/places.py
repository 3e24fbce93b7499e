"""Keys about teams, channels, and conversations."""

from typing import Literal

from pydantic import Field

from chatops.spec.models.types import Line, MembershipField, Model, Slug, Text

__all__ = ["Channel", "DirectMessage", "Team"]


class Channel(Model):
    """A channel of a team."""

    name: Slug = Field(description="Its name, as in its address.")
    display_name: Line | None = Field(None, min_length=1, description="Its title.")
    topic: Text | None = Field(None, description="What goes on now; shown on top.")
    purpose: Text | None = Field(None, description="What it is for.")
    private: bool | None = Field(
        None, description="true: only by invitation. A new channel is public unless this is said."
    )
    posting: Literal["everyone", "leads"] | None = Field(
        None, description="Who may write: everyone in it, or its leads alone."
    )
    default: bool | None = Field(
        None, description="Whether who joins the team comes into this channel as well."
    )
    archived: bool | None = Field(
        None, description="true: out of use, its messages stay. What is archived is not changed."
    )
    pinned: list[Text] | None = Field(
        None, description="Messages that stay on top; a text that is taken out is unpinned."
    )
    leads: list[Line] | None = Field(None, description="Who looks after it.")
    members: list[Line] | None = Field(
        None, description="Who is in it: user names, group:NAME, or everyone."
    )
    membership: MembershipField | None = Field(
        None, description="additive or exact; policy.membership unless said."
    )
    renamed_from: Slug | None = Field(None, description="Its name before.")


class Team(Model):
    """A team, and its channels."""

    name: Slug = Field(description="Its name, as in its address.")
    display_name: Line | None = Field(None, min_length=1, description="Its title.")
    description: Text | None = Field(None, description="What it is for.")
    visibility: Literal["open", "invite"] | None = Field(
        None, description="open: anybody of the company may join; invite: by invitation."
    )
    leads: list[Line] | None = Field(None, description="Who looks after it.")
    members: list[Line] | None = Field(
        None, description="Who is in it: user names, group:NAME, or everyone."
    )
    membership: MembershipField | None = Field(
        None, description="additive or exact; policy.membership unless said."
    )
    renamed_from: Slug | None = Field(None, description="Its name before.")
    channels: list[Channel] = Field(default_factory=list, description="Its channels.")


class DirectMessage(Model):
    """A conversation between a few people."""

    members: list[Line] = Field(
        min_length=2, max_length=8, description="Who is in it: two to eight user names."
    )
