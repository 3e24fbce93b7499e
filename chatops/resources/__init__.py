"""The things that are managed, in words that belong to no product."""

from collections.abc import Mapping
from typing import Final

from chatops.resources.base import (
    ADMIN,
    CHANNEL_LEAD,
    GUEST,
    MEMBER,
    TEAM_LEAD,
    UNKNOWN,
    UNSET,
    Ids,
    Key,
    Kind,
    Live,
    Maybe,
    Picture,
    Resource,
    Unknown,
    Unset,
    field_names,
    key_matches,
)
from chatops.resources.integrations import (
    Bot,
    Emoji,
    IncomingWebhook,
    OutgoingWebhook,
    SlashCommand,
)
from chatops.resources.live_chat import BusinessHours, Department
from chatops.resources.people import Role, User, in_part
from chatops.resources.places import (
    Channel,
    ChannelMembers,
    DirectMessage,
    PinnedMessages,
    Team,
    TeamMembers,
)
from chatops.resources.settings import Compare, Setting, SettingValue

__all__ = [
    "ADMIN",
    "CHANNEL_LEAD",
    "GUEST",
    "KINDS",
    "MEMBER",
    "TEAM_LEAD",
    "UNKNOWN",
    "UNSET",
    "Bot",
    "BusinessHours",
    "Channel",
    "ChannelMembers",
    "Compare",
    "Department",
    "DirectMessage",
    "Emoji",
    "Ids",
    "IncomingWebhook",
    "Key",
    "Kind",
    "Live",
    "Maybe",
    "OutgoingWebhook",
    "Picture",
    "PinnedMessages",
    "Resource",
    "Role",
    "Setting",
    "SettingValue",
    "SlashCommand",
    "Team",
    "TeamMembers",
    "Unknown",
    "Unset",
    "User",
    "field_names",
    "in_part",
    "key_matches",
]

KINDS: Final[Mapping[Kind, type[Resource]]] = {
    c.kind: c
    for c in (
        Setting,
        Role,
        User,
        Team,
        TeamMembers,
        Channel,
        ChannelMembers,
        PinnedMessages,
        DirectMessage,
        IncomingWebhook,
        OutgoingWebhook,
        SlashCommand,
        Bot,
        Emoji,
        Department,
        BusinessHours,
    )
}
