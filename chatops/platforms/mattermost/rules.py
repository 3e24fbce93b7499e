"""What a Mattermost release would refuse: names, lengths, reserved words, numbers.

Sources: the server's `public/model`, `channels/app/limits.go` and the changelogs (how many
people), each checked against what servers 11.6 and 5.37 answered.
"""

from chatops.platforms.base import (
    Alike,
    Cap,
    Length,
    Namespace,
    Never,
    Pattern,
    PictureSize,
    Public,
    Release,
    Reserved,
    Rule,
)
from chatops.resources import Kind

__all__ = ["rules"]

RESERVED_USERS = frozenset({"all", "channel", "matterbot", "system"})
# A team's name is the first part of its address, so no address of the server may begin like it.
RESERVED_TEAMS = frozenset(
    {"admin", "api", "channel", "claim", "error", "files", "help", "landing", "login", "mfa"}
    | {"oauth", "plug", "plugins", "post", "signup", "boards", "playbooks"}
)

# Commands of the server (channels/app/slashcommands, as an 11.2 listed them) and of editions and
# plugins that come with it.
RESERVED_TRIGGERS = frozenset(
    {"away", "code", "collapse", "dnd", "echo", "expand", "groupmsg", "header", "help", "invite"}
    | {"invite_people", "join", "kick", "leave", "logout", "me", "msg", "mute", "offline", "online"}
    | {"open", "purpose", "remove", "rename", "search", "secure-connection", "settings"}
    | {"share-channel", "shortcuts", "shrug", "status", "marketplace", "exportlink"}
)
EMOJI_BYTES = 2**19 - 2**10
"""The server measures the whole form, half a mebibyte at most; its words and lines need less."""


def rules(release: Release) -> tuple[Rule, ...]:
    """All rules."""
    # One letter is enough for a channel since 6.x; 5.37 wants two.
    shortest = 1 if release.version >= (6,) else 2
    rules: list[Rule] = [
        Pattern(
            kind=Kind.USER,
            field="username",
            regex=r"[a-z0-9._-]{1,64}",
            message="Mattermost takes user names of 1 to 64 characters out of a-z 0-9 . - _",
        ),
        Reserved(
            kind=Kind.USER,
            field="username",
            words=RESERVED_USERS,
            why="Mattermost uses this name to address everybody, or for itself",
        ),
        Pattern(
            kind=Kind.USER,
            field="name",
            regex=r"\S{0,64}( .{1,64})?",
            message="the first word of a name, and the rest of it, have 64 characters each",
        ),
        Pattern(
            kind=Kind.INCOMING_WEBHOOK,
            field="username",
            regex=r"([a-z0-9._-]{1,64})?",
            message="a webhook writes under a name of a-z 0-9 . - _, 64 characters at most",
        ),
        Pattern(
            kind=Kind.BOT,
            field="username",
            regex=r"[a-z0-9._-]{1,64}",
            message="Mattermost takes names of bots of 1 to 64 characters out of a-z 0-9 . - _",
        ),
        Length(kind=Kind.BOT, field="display_name", most=64),
        Length(kind=Kind.BOT, field="description", most=1024),
        Pattern(
            kind=Kind.EMOJI,
            field="name",
            regex=r"[a-z0-9_+-]{1,64}",
            message="an emoji's name is made of a-z 0-9 _ + and -, 64 characters at most",
        ),
        Length(kind=Kind.SLASH_COMMAND, field="trigger", most=128),
        Reserved(
            kind=Kind.SLASH_COMMAND,
            field="trigger",
            words=RESERVED_TRIGGERS,
            why="Mattermost answers to this word itself",
        ),
        Length(kind=Kind.SLASH_COMMAND, field="url", most=1_024),
        Length(kind=Kind.SLASH_COMMAND, field="description", most=1_024),
        Length(kind=Kind.SLASH_COMMAND, field="hint", most=1_024),
        Length(kind=Kind.INCOMING_WEBHOOK, field="icon_url", most=1_024),
        PictureSize(kind=Kind.EMOJI, bytes=EMOJI_BYTES, side=1_028),
        Public(
            kind=Kind.OUTGOING_WEBHOOK,
            field="channel",
            why="an outgoing webhook hears public channels of Mattermost alone",
            hint="make the channel public, or let a bot that is in it do this",
        ),
        Length(kind=Kind.SLASH_COMMAND, field="display_name", most=64),
        Length(kind=Kind.INCOMING_WEBHOOK, field="description", most=500),
        Length(kind=Kind.OUTGOING_WEBHOOK, field="description", most=500),
        Length(kind=Kind.USER, field="email", most=128),
        Length(kind=Kind.USER, field="title", most=128),
        Length(kind=Kind.TEAM, field="name", most=64, least=2),
        Pattern(
            kind=Kind.TEAM,
            field="name",
            regex=r"[a-z0-9]+([a-z\-0-9]+|(__)?)[a-z0-9]+",
            message="a team's name is made of a-z 0-9 and -, and begins and ends with a letter "
            "or digit",
        ),
        Reserved(
            kind=Kind.TEAM,
            field="name",
            words=RESERVED_TEAMS,
            prefix=True,
            why="the server's own addresses begin with this word",
        ),
        Length(kind=Kind.TEAM, field="display_name", most=64, least=1),
        Length(kind=Kind.TEAM, field="description", most=255, bytes=True),
        Length(kind=Kind.CHANNEL, field="name", most=64, least=shortest),
        Pattern(
            kind=Kind.CHANNEL,
            field="name",
            regex=r"[a-z0-9]+([a-z\-_0-9]+|(__)?)[a-z0-9]*",
            message="a channel's name is made of a-z 0-9 - and _, and begins with a letter or "
            "digit",
        ),
        Pattern(
            kind=Kind.CHANNEL,
            field="name",
            regex=r"(?![a-z0-9]{26}__[a-z0-9]{26}\Z)(?![0-9a-f]{40}\Z).*",
            message="this is how Mattermost names direct and group messages",
        ),
        Length(kind=Kind.CHANNEL, field="display_name", most=64, least=1),
        Length(kind=Kind.CHANNEL, field="topic", most=1024),
        Length(kind=Kind.CHANNEL, field="purpose", most=250),
        Length(kind=Kind.PINNED, field="texts", most=16_383),
        Length(kind=Kind.SETTING, field="company.name", most=30, bytes=True),
        Namespace(
            kinds=frozenset({Kind.USER}),
            per_team=False,
            why="two accounts cannot have the same user name",
        ),
        Namespace(
            kinds=frozenset({Kind.TEAM}),
            per_team=False,
            why="a team's name is its address on the server",
        ),
        Namespace(
            kinds=frozenset({Kind.CHANNEL}),
            per_team=True,
            why="a channel's name is its address in the team",
        ),
        Never(
            kind=Kind.CHANNEL,
            field="default",
            values={"default": True, "private": True},
            why="newcomers of a Mattermost team come into its public channels alone",
            hint="list the people under `members` of this channel, or make it public",
        ),
        Alike(
            kind=Kind.CHANNEL,
            field="default",
            why="Mattermost lists the channels that newcomers come into by name, for all teams "
            "at once",
        ),
    ]
    people = _people(release)
    if people is not None:
        rules.append(
            Cap(
                kind=Kind.USER,
                most=people,
                why=f"Mattermost {release.text} without a licence stops at {people:,} active "
                "people",
                hint="an edition with a licence, or Rocket.Chat Community, takes more",
            )
        )
    return tuple(rules)


def _people(release: Release) -> int | None:
    """How many active people a server without a licence takes (bots are not counted)."""
    if release.edition != "team" or release.version < (9, 9):
        return None
    for since, most in (((11,), 250), ((10, 10), 2_500), ((10, 6), 5_000)):
        if release.version >= since:
            return most
    return 11_000
