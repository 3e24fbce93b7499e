"""Every key of the company file, with its type, its default and what it is for."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from chatops.spec.models.integrations import (
    Bot,
    Emoji,
    IncomingWebhook,
    Integrations,
    OutgoingWebhook,
    SlashCommand,
)
from chatops.spec.models.live_chat import (
    DAYS,
    Colour,
    Department,
    Hours,
    LiveChat,
    Widget,
    opening_hours,
)
from chatops.spec.models.people import PERMISSIONS, Group, Role, User
from chatops.spec.models.places import Channel, DirectMessage, Team
from chatops.spec.models.server import (
    Backup,
    Chat,
    Company,
    Database,
    Files,
    Keep,
    Ldap,
    Oidc,
    Password,
    Policy,
    Repository,
    Saml,
    SignIn,
    Smtp,
    Storage,
    Tls,
    Turn,
    Video,
)
from chatops.spec.models.types import (
    Address,
    ClockTime,
    Duration,
    Email,
    Line,
    Membership,
    Model,
    Removals,
    SecretReference,
    Size,
    Slug,
    Text,
    TimeZone,
    Unmanaged,
    Unsupported,
    Url,
    exact_number,
    slug_like,
)

__all__ = [
    "DAYS",
    "PERMISSIONS",
    "Address",
    "Backup",
    "Bot",
    "Channel",
    "Chat",
    "ClockTime",
    "Colour",
    "Company",
    "Database",
    "Department",
    "DirectMessage",
    "Duration",
    "Email",
    "Emoji",
    "Files",
    "Group",
    "Hours",
    "IncomingWebhook",
    "Integrations",
    "Keep",
    "Ldap",
    "Line",
    "LiveChat",
    "Membership",
    "Model",
    "Oidc",
    "OutgoingWebhook",
    "Password",
    "Policy",
    "Removals",
    "Repository",
    "Role",
    "Saml",
    "SecretReference",
    "SignIn",
    "Size",
    "SlashCommand",
    "Slug",
    "Smtp",
    "Spec",
    "Storage",
    "Team",
    "Text",
    "TimeZone",
    "Tls",
    "Turn",
    "Unmanaged",
    "Unsupported",
    "Url",
    "User",
    "Video",
    "Widget",
    "opening_hours",
    "slug_like",
]


class Spec(Model):
    """A company's chat."""

    version: Annotated[Literal[1], BeforeValidator(exact_number)] = Field(
        description="Version of this language: 1."
    )
    company: Company = Field(description="Who the company is.")
    chat: Chat = Field(description="Which chat, and where.")
    include: list[Line] | None = Field(
        None,
        description="More files with keys of the top, from the folder of this file: "
        "[teams/*.yaml]. Lists are put one behind the other, blocks are merged.",
    )
    video: Video | None = Field(None, description="The video server.")
    tls: Tls | None = Field(None, description="Certificates.")
    storage: Storage | None = Field(None, description="What is kept, and where.")
    backup: Backup | None = Field(None, description="Copies of everything, elsewhere.")
    smtp: Smtp | None = Field(None, description="The mail server.")
    sign_in: SignIn = Field(default_factory=lambda: SignIn(), description="How people get in.")
    policy: Policy = Field(default_factory=lambda: Policy(), description="How careful a run is.")
    ignore: list[Line] = Field(
        default_factory=list, description="Things to leave alone: channel:*/tmp-*."
    )
    roles: list[Role] = Field(default_factory=list, description="Names for what people may do.")
    users: list[User] = Field(
        default_factory=list, description="People, and lists of people (from: people.csv)."
    )
    groups: list[Group] = Field(default_factory=list, description="Lists of people.")
    teams: list[Team] = Field(default_factory=list, description="Teams, with their channels.")
    direct_messages: list[DirectMessage] = Field(
        default_factory=list, description="Conversations between a few people."
    )
    integrations: Integrations = Field(
        default_factory=lambda: Integrations(), description="What other programs do in the chat."
    )
    live_chat: LiveChat | None = Field(
        None, description="Chat with customers on the company's website."
    )
