"""What our words for permissions mean here, and on which of the server's roles they sit.

A person's permissions are those of their role on the server, in the team and in the channel
together (channels/app/authorization.go). So each permission belongs where it is asked for: what is
asked of the whole server counts only in a role of the server.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chatops.platforms.base import Release
from chatops.resources import ADMIN, CHANNEL_LEAD, GUEST, MEMBER, TEAM_LEAD

__all__ = [
    "COMPOSED",
    "IMPLIED",
    "NONE",
    "ROLES",
    "WORDS",
    "Level",
    "Word",
    "permissions_of",
    "roles_of",
    "seat",
    "words_held",
]


class Level(StrEnum):
    """Where a permission is asked for, and where a role counts."""

    SYSTEM = "system"
    TEAM = "team"
    CHANNEL = "channel"


@dataclass(frozen=True, kw_only=True)
class Word:
    """The permissions behind one of our words.

    `levels`: where they count when they sit there, the usual place first. `source`: the file of
    the server that asks for them.
    """

    permissions: tuple[str, ...]
    levels: tuple[Level, ...]
    source: str


def _word(permissions: str, levels: str, source: str) -> Word:
    return Word(
        permissions=tuple(permissions.split()),
        levels=tuple(Level(level) for level in levels.split()),
        source=f"channels/{source}.go",
    )


WORDS: Final[Mapping[str, Word]] = {
    "channel.create_public": _word("create_public_channel", "team", "api4/channel"),
    "channel.create_private": _word("create_private_channel", "team", "api4/channel"),
    "channel.manage": _word(
        "manage_public_channel_properties manage_private_channel_properties",
        "channel team",
        "api4/channel",
    ),
    "channel.manage_members": _word(
        "manage_public_channel_members manage_private_channel_members",
        "channel team",
        "api4/channel",
    ),
    "channel.archive": _word(
        "delete_public_channel delete_private_channel", "channel team", "api4/channel"
    ),
    "team.create": _word("create_team", "system", "api4/team"),
    "team.invite": _word("invite_user add_user_to_team", "team", "api4/team"),
    "team.manage_members": _word("remove_user_from_team manage_team_roles", "team", "api4/team"),
    "guest.invite": _word("invite_guest", "team", "api4/team"),
    "post.edit_own": _word("edit_post", "channel team", "api4/post"),
    "post.delete_own": _word("delete_post", "channel team", "api4/post"),
    "post.delete_others": _word("delete_others_posts", "channel team", "api4/post"),
    "post.mention_all": _word("use_channel_mentions", "channel team", "app/notification"),
    "emoji.create": _word("create_emojis", "system team", "api4/emoji"),
    "integration.manage_own": _word(
        "manage_own_incoming_webhooks manage_own_outgoing_webhooks manage_own_slash_commands",
        "team",
        "api4/webhook",
    ),
    "integration.manage": _word(
        "manage_others_incoming_webhooks manage_others_outgoing_webhooks "
        "manage_others_slash_commands",
        "team",
        "api4/webhook",
    ),
    "direct_message.create": _word(
        "create_direct_channel create_group_channel", "system", "api4/channel"
    ),
}
"""No permission stands behind two words."""

COMPOSED: Final[Mapping[str, frozenset[str]]] = {
    "channel.create": frozenset({"channel.create_public", "channel.create_private"}),
}
"""Words that mean several others."""

IMPLIED: Final[Mapping[str, frozenset[str]]] = {
    "integration.manage": frozenset({"integration.manage_own"}),
}
"""What is given with a word, for without it the word is worth nothing."""

NONE: Final[tuple[tuple[str, tuple[str, str]], ...]] = (
    (
        "post.pin",
        (
            "on Mattermost whoever reads a channel may pin in it: everybody has this already, and "
            "it cannot be taken",
            "channels/api4/post.go",
        ),
    ),
    (
        "live_chat",
        (
            "Mattermost has no chat for visitors of a website; Rocket.Chat has",
            "public/model/permission.go",
        ),
    ),
    (
        "user.view_emails",
        (
            "on Mattermost one setting of the server decides for all who sees mail addresses "
            "(System Console → Site Configuration → Users and Teams)",
            "public/model/config.go",
        ),
    ),
    (
        "video.start",
        (
            "Mattermost has no permission for meetings: whoever writes in a channel may start one",
            "public/model/permission.go",
        ),
    ),
)
"""Words without a permission: why, and where that is seen."""

ROLES: Final[Mapping[str, Mapping[Level, str]]] = {
    ADMIN: {Level.SYSTEM: "system_admin"},
    MEMBER: {
        Level.SYSTEM: "system_user",
        Level.TEAM: "team_user",
        Level.CHANNEL: "channel_user",
    },
    GUEST: {
        Level.SYSTEM: "system_guest",
        Level.TEAM: "team_guest",
        Level.CHANNEL: "channel_guest",
    },
    TEAM_LEAD: {Level.TEAM: "team_admin"},
    CHANNEL_LEAD: {Level.CHANNEL: "channel_admin"},
}
"""The server's roles behind each of ours."""

_BEFORE_11_2: Final = {
    "manage_own_incoming_webhooks": "manage_incoming_webhooks",
    "manage_own_outgoing_webhooks": "manage_outgoing_webhooks",
    "manage_own_slash_commands": "manage_slash_commands",
}
"""What some permissions were called before 11.2 (changelog of v11)."""


def seat(word: str, role: str) -> str | None:
    """The server's role that a word of ours is given to; None where it counts for nothing."""
    ours = ROLES[role]
    if role == ADMIN:
        return ours[Level.SYSTEM]
    return next((ours[level] for level in WORDS[word].levels if level in ours), None)


def roles_of(role: str) -> tuple[str, ...]:
    """The server's roles behind one of ours."""
    return tuple(ROLES[role].values())


def permissions_of(word: str, release: Release) -> frozenset[str]:
    """The permissions behind a word, as this release calls them."""
    names = WORDS[word].permissions
    if release.version < (11, 2):
        return frozenset(_BEFORE_11_2.get(name, name) for name in names)
    return frozenset(names)


def words_held(permissions: frozenset[str], release: Release) -> Iterator[tuple[str, bool]]:
    """The words of which something is held, and whether all of it is."""
    for word in WORDS:
        wanted = permissions_of(word, release)
        if wanted & permissions:
            yield word, wanted <= permissions
