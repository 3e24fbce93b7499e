"""Our words for what people may do, and the permissions of Rocket.Chat behind each.

The server asks for most permissions wherever somebody is, for some in the room that it is about;
only there do the roles count that people hold in a room (owner, moderator). A word that is asked
elsewhere means nothing to those, and is not held for them. Who asks for what was read in the
vendor's source (apps/meteor/server, apps/meteor/app); who holds what at birth stands in
apps/meteor/server/lib/authorization/constant/permissions.ts and was recorded from 8.3.
"""

from collections.abc import Mapping
from typing import Final

from chatops.resources import ADMIN, CHANNEL_LEAD, GUEST, MEMBER, TEAM_LEAD, in_part

__all__ = [
    "BORN",
    "BUILT_IN",
    "COMPOSED",
    "DESCRIPTIONS",
    "IN_ROOMS",
    "NOWHERE",
    "WORDS",
    "permissions_of",
    "words_held",
]

BUILT_IN: Final[Mapping[str, str]] = {
    ADMIN: "admin",
    MEMBER: "user",
    GUEST: "guest",
    TEAM_LEAD: "owner",
    CHANNEL_LEAD: "moderator",
}
"""Our built-in roles, and the server's: the leads of a team own its main room, those of a channel
moderate it."""

COMPOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "channel.create": ("channel.create_public", "channel.create_private"),
}
"""Words that are no more than others together."""

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "channel.create_public": ("create-c",),
    "channel.create_private": ("create-p",),
    "channel.manage": ("edit-room",),
    "channel.manage_members": ("add-user-to-joined-room", "remove-user"),
    "channel.archive": ("archive-room",),
    "team.create": ("create-team",),
    "team.invite": ("add-team-member",),
    "team.manage_members": ("edit-team-member",),
    "post.pin": ("pin-message",),
    "post.delete_own": ("delete-own-message",),
    "post.delete_others": ("delete-message",),
    "post.mention_all": ("mention-all", "mention-here"),
    "emoji.create": ("manage-emoji",),
    "integration.manage_own": (
        "manage-own-incoming-integrations",
        "manage-own-outgoing-integrations",
    ),
    "integration.manage": ("manage-incoming-integrations", "manage-outgoing-integrations"),
    "direct_message.create": ("create-d",),
    "live_chat.manage": (
        "view-livechat-manager",
        "manage-livechat-managers",
        "manage-livechat-agents",
        "manage-livechat-departments",
        "view-livechat-departments",
        "add-livechat-department-agents",
        "view-livechat-business-hours",
    ),
    "live_chat.answer": ("view-l-room", "close-livechat-room", "view-livechat-queue"),
    "user.view_emails": ("view-full-other-user-info",),
    "video.start": ("call-management",),
}
"""What a person holds everywhere."""

IN_ROOMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    TEAM_LEAD: {
        # The channels of a team are made by right of its main room.
        "channel.create_public": ("create-team-channel",),
        "channel.create_private": ("create-team-group",),
        "channel.manage": WORDS["channel.manage"],
        "channel.manage_members": WORDS["channel.manage_members"],
        "channel.archive": WORDS["channel.archive"],
        "team.invite": WORDS["team.invite"],
        "team.manage_members": WORDS["team.manage_members"],
        "post.pin": WORDS["post.pin"],
        "post.delete_others": WORDS["post.delete_others"],
        "post.mention_all": WORDS["post.mention_all"],
        "video.start": WORDS["video.start"],
    },
    CHANNEL_LEAD: {
        "channel.manage": WORDS["channel.manage"],
        "channel.manage_members": WORDS["channel.manage_members"],
        "channel.archive": WORDS["channel.archive"],
        "post.pin": WORDS["post.pin"],
        "post.delete_others": WORDS["post.delete_others"],
        "post.mention_all": WORDS["post.mention_all"],
        "video.start": WORDS["video.start"],
    },
}
"""What a lead holds in the rooms that he or she leads; of a team that is its main room."""

NOWHERE: Final[Mapping[str, str]] = {
    "guest.invite": "there is no right for guests alone, whoever may make accounts may make any; "
    "it is left out",
    "post.edit_own": "one setting for all says whether people may change what they wrote "
    "(Message_AllowEditing), no right of a role; it is left out",
}
"""Words that no permission of the product means."""

BORN: Final[Mapping[str, str]] = {
    "create-c": "admin user",
    "create-p": "admin user",
    "edit-room": "admin owner moderator",
    "add-user-to-joined-room": "admin owner moderator",
    "remove-user": "admin owner moderator",
    "archive-room": "admin owner",
    "create-team": "admin user",
    "add-team-member": "admin owner moderator",
    "edit-team-member": "admin owner moderator",
    "create-team-channel": "admin owner moderator",
    "create-team-group": "admin owner moderator",
    "pin-message": "admin owner moderator",
    "delete-own-message": "admin user",
    "delete-message": "admin owner moderator",
    "mention-all": "admin user owner moderator",
    "mention-here": "admin user owner moderator",
    "manage-emoji": "admin",
    "manage-own-incoming-integrations": "admin",
    "manage-own-outgoing-integrations": "admin",
    "manage-incoming-integrations": "admin",
    "manage-outgoing-integrations": "admin",
    "create-d": "admin user",
    "view-livechat-manager": "admin",
    "manage-livechat-managers": "admin",
    "manage-livechat-agents": "admin",
    "manage-livechat-departments": "admin",
    "view-livechat-departments": "admin",
    "add-livechat-department-agents": "admin",
    "view-livechat-business-hours": "admin",
    "view-l-room": "admin",
    "close-livechat-room": "admin",
    "view-livechat-queue": "admin",
    "view-full-other-user-info": "admin",
    "call-management": "admin user owner moderator",
}
"""Which of the roles behind ours hold a permission on a fresh server."""


DESCRIPTIONS: Final[Mapping[str, str]] = {
    "admin": "Admin",
    "owner": "Owner",
    "moderator": "Moderator",
}
"""What fresh servers say of the roles behind ours."""


def permissions_of(word: str, role: str) -> tuple[str, ...]:
    """The permissions behind a word for one of our roles, or for one of the company's own."""
    table = IN_ROOMS.get(role, WORDS)
    return table.get(word, ())


def words_held(role: str, ident: str, grants: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words that a role holds as a whole, and `in_part`.

    `ident` is what the server calls it, `grants` says which roles hold a permission. A permission
    that this release does not know makes no difference.
    """
    found: set[str] = set()
    for word, permissions in IN_ROOMS.get(role, WORDS).items():
        known = [p for p in permissions if p in grants]
        held = [p for p in known if ident in grants[p]]
        if held:
            found.add(word if len(held) == len(known) else in_part(word))
    return frozenset(found)
