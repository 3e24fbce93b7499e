"""Keys about people, and what they may do."""

from typing import Final, Literal, get_args

from pydantic import Field

from chatops.spec.models.types import Email, Line, Model, Slug, TimeZone

__all__ = ["PERMISSIONS", "Group", "Permission", "Role", "User"]

Permission = Literal[
    "channel.create",
    "channel.create_public",
    "channel.create_private",
    "channel.manage",
    "channel.manage_members",
    "channel.archive",
    "team.create",
    "team.invite",
    "team.manage_members",
    "guest.invite",
    "post.pin",
    "post.edit_own",
    "post.delete_own",
    "post.delete_others",
    "post.mention_all",
    "emoji.create",
    "integration.manage_own",
    "integration.manage",
    "direct_message.create",
    "live_chat.manage",
    "live_chat.answer",
    "user.view_emails",
    "video.start",
]
"""Words of our own for what people may do; each platform says which of its permissions they are."""

PERMISSIONS: Final[tuple[str, ...]] = get_args(Permission)


class Role(Model):
    """A name for what people may do."""

    name: Slug = Field(
        description="Its name, as used under users; admin, member, guest, team-lead and "
        "channel-lead are built in."
    )
    maps_to: Literal["system_admin", "member", "guest", "team_lead", "channel_lead"] | None = Field(
        None, description="The built-in role behind it; a role of its own when left out."
    )
    description: Line | None = Field(None, description="What it is for.")
    may: list[Permission] | None = Field(
        None, description="What it may do, besides what it may already."
    )
    may_not: list[Permission] | None = Field(None, description="What is taken from it.")


class User(Model):
    """A person."""

    username: Slug = Field(description="The name to sign in with.")
    name: Line | None = Field(None, description="Full name.")
    email: Email | None = Field(None, description="Mail address; needed for a new person.")
    title: Line | None = Field(None, description="Position in the company.")
    locale: Line | None = Field(
        None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$", description="Language the chat speaks to them."
    )
    timezone: TimeZone | None = Field(None, description="Their time zone, as Europe/Copenhagen.")
    picture: Line | None = Field(
        None, description="Profile picture: a PNG or JPEG file, beside this one."
    )
    roles: list[Line] | None = Field(
        None,
        description="Roles: admin, member, guest, or own names; in a CSV file `admin|editor`.",
    )
    teams: list[Line] | None = Field(
        None, description="Teams this person is in; in a CSV file `sales|support`."
    )
    active: bool | None = Field(None, description="false: may not sign in any more.")
    renamed_from: Slug | None = Field(None, description="The user name before.")


class Group(Model):
    """A list of people to be named at once, as group:NAME."""

    name: Slug = Field(description="Its name.")
    members: list[Line] = Field(description="User names, group:NAME, or everyone.")
