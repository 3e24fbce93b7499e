"""What can be said of a Mattermost release without asking one.

Sources: the server's `public/model` (names, lengths, reserved words), `channels/app/limits.go`
and the changelogs (how many people), each checked against what servers 11.6 and 5.37 answered.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from chatops.platforms.base import (
    Alike,
    Can,
    Cap,
    Facts,
    Length,
    Namespace,
    Pattern,
    Release,
    Reserved,
    Rule,
    Support,
)
from chatops.platforms.mattermost.settings import SETTINGS, mailbox
from chatops.resources import (
    UNKNOWN,
    Channel,
    Compare,
    Kind,
    Live,
    Resource,
    Setting,
    Team,
    TeamMembers,
    User,
)

__all__ = ["EDITIONS", "FLOOR", "OWN_CHANNELS", "facts", "one_line"]

EDITIONS = {
    "team": "Team Edition",
    "entry": "Entry",
    "professional": "Professional",
    "enterprise": "Enterprise",
}
FLOOR = (10, 11)
NEWEST_MAJOR = 11
OWN_CHANNELS = frozenset({"town-square", "off-topic"})
"""The channels that the server makes in every team."""

RESERVED_USERS = frozenset({"all", "channel", "matterbot", "system"})
# A team's name is the first part of its address, so no address of the server may begin like it.
RESERVED_TEAMS = frozenset(
    {"admin", "api", "channel", "claim", "error", "files", "help", "landing", "login", "mfa"}
    | {"oauth", "plug", "plugins", "post", "signup", "boards", "playbooks"}
)
PEOPLE_PER_TEAM = 50
"""How many people the server lets into a team until it is told otherwise."""


# public/shared/i18n: what is not in this list is stored as English, without a word.
LOCALES = frozenset(
    {"de", "en", "en-AU", "es", "fr", "it", "hu", "nl", "pl", "pt-BR", "ro", "sv", "vi", "tr"}
    | {"bg", "ru", "uk", "fa", "ko", "zh-CN", "zh-TW", "ja"}
)

_PENDING = Support(Can.NO, "chatops does not manage this on Mattermost yet; it is left as it is")
PENDING: Mapping[str, Support] = dict.fromkeys(
    (
        "role.may",
        "role.own",
        "user.locale",
        "user.timezone",
        "user.picture",
        "user.own_roles",
        "channel.posting",
        "channel.default",
        "members.leads",
        "pinned",
        "direct-message",
        "incoming-webhook",
        "outgoing-webhook",
        "slash-command",
        "bot",
        "emoji",
        "department",
        "business-hours",
        "setting.storage.message_retention",
        "setting.sign_in.ldap",
        "setting.sign_in.oidc",
        "setting.sign_in.saml",
        "setting.live_chat",
    ),
    _PENDING,
)
"""What waits for its handler."""


def facts(release: Release) -> Facts:
    """What this release holds, refuses and stores differently."""
    return Facts(
        label=f"Mattermost {release.text}, {EDITIONS.get(release.edition, release.edition)}",
        editions=tuple(EDITIONS),
        support=_support(release),
        rules=_rules(release),
        normalize={
            Kind.SETTING: _setting,
            Kind.USER: _user,
            Kind.TEAM: _team,
            Kind.CHANNEL: _channel,
        },
        implied=_implied,
        pristine=_pristine(),
        remarks=_remarks(release),
    )


def one_line(text: str) -> str:
    """Text with each run of white space made one space."""
    return " ".join(text.split())


def _support(release: Release) -> Mapping[str, Support]:
    cells = {
        **PENDING,
        "setting.company.timezone": Support(
            Can.LOOKUP, "a server keeps the time zone of the machine it was installed on"
        ),
        "setting.company.locale": Support(
            Can.EMULATED,
            "Mattermost speaks "
            + ", ".join(sorted(LOCALES))
            + ", and takes English for any other language",
            "mattermost/mattermost server/public/shared/i18n/i18n.go; 11.2 was tried",
        ),
        "team.rename": Support(
            Can.NO,
            "Mattermost never changes the name in a team's address; "
            "change display_name, or make a new team",
        ),
    }
    if release.edition == "team":
        cells["role.guest"] = Support(
            Can.PAID,
            "guest accounts need Mattermost Entry or a licence; leave the role out and the person "
            "becomes an ordinary member",
        )
        cells["onboarding.sso"] = Support(
            Can.PAID,
            "single sign-on needs Mattermost Entry or a licence; use `mail` or `file`",
        )
    else:
        cells["onboarding.sso"] = Support(
            Can.LOOKUP,
            "Mattermost makes the account when a person first signs in through the sign-on "
            "service; until then the person is left out",
        )
    return cells


def _rules(release: Release) -> tuple[Rule, ...]:
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


def _remarks(release: Release) -> tuple[str, ...]:
    if release.version < FLOOR:
        return (
            f"Mattermost {release.text} is older than 10.11, the oldest version this was made "
            "for; it may work, and it gets no security fixes",
        )
    if release.version[0] > NEWEST_MAJOR:
        return (f"Mattermost {release.text} is newer than any version this was tried with (11.x)",)
    return ()


def _implied(resources: Collection[Resource]) -> tuple[Resource, ...]:
    """Room in the teams. The account that runs makes the teams and so is in each as well."""
    largest = max(
        (
            len(r.members)
            for r in resources
            if isinstance(r, TeamMembers) and isinstance(r.members, frozenset)
        ),
        default=0,
    )
    if largest + 1 <= PEOPLE_PER_TEAM:
        return ()
    # In steps, so that a person more does not change a setting of the server each time.
    room = -(-(largest + 1) // 100) * 100
    return (Setting(name="limits.people_per_team", value=room, compare=Compare.AT_LEAST),)


# --- what the server stores differently -----------------------------------------------------


# Characters that names, display names and descriptions lose (public/model: SanitizeUnicode).
# Headers, purposes and positions keep them.
_DROPPED = re.compile(
    "[\u0340\u0341\u17a3\u17d3\u2028-\u202e\u206a-\u206f\ufff9-\ufffb\ufeff\ufffc"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def _user(user: User) -> User:
    changes: dict[str, Any] = {}
    if isinstance(user.name, str):
        changes["name"] = one_line(_DROPPED.sub("", user.name))
    if isinstance(user.email, str):
        changes["email"] = user.email.strip().lower()
    return replace(user, **changes)


def _team(team: Team) -> Team:
    changes: dict[str, Any] = {}
    if isinstance(team.display_name, str):
        changes["display_name"] = _DROPPED.sub("", team.display_name).strip()
    if isinstance(team.description, str):
        changes["description"] = _DROPPED.sub("", team.description)
    return replace(team, **changes)


def _channel(channel: Channel) -> Channel:
    if isinstance(channel.display_name, str):
        return replace(channel, display_name=_DROPPED.sub("", channel.display_name).strip())
    return channel


def _setting(setting: Setting) -> Setting:
    value = setting.value
    if setting.name == "sign_in.email_domains" and isinstance(value, tuple):
        value = tuple(sorted({domain.strip().strip("@").lower() for domain in value}))
    elif setting.name == "smtp.from" and isinstance(value, str):
        name, address = mailbox(value)
        value = f"{name} <{address}>" if name else address
    elif setting.name == "storage.files.endpoint" and isinstance(value, str):
        value = _endpoint(value)
    elif setting.name == "company.locale" and isinstance(value, str):
        value = _locale(value)
    elif setting.name == "company.name" and isinstance(value, str):
        value = value.strip()
    return setting if value is setting.value else replace(setting, value=value)


def _locale(text: str) -> str:
    """The language as the server writes it; of a country, or without it; else English."""
    spelled = {locale.lower(): locale for locale in LOCALES}
    asked = text.strip().replace("_", "-").lower()
    return spelled.get(asked) or spelled.get(asked.partition("-")[0]) or "en"


def _endpoint(text: str) -> str:
    match = re.fullmatch(r"(?:(https?)://)?(.*?)/*", text.strip(), re.IGNORECASE)
    if match is None or not match[2]:
        return "https://s3.amazonaws.com"  # What the server fills in.
    return f"{(match[1] or 'https').lower()}://{match[2].lower()}"


# --- a fresh server -------------------------------------------------------------------------

_FRESH: Mapping[str, Any] = {
    "company.name": "Mattermost",
    "company.locale": "en",
    "sign_in.password.min_length": 8,
    "sign_in.self_registration": False,
    "sign_in.email_domains": (),
    "smtp.host": "",
    "smtp.port": 10025,
    "smtp.security": "none",
    "smtp.username": "",
    "smtp.password": "",
    "smtp.from": "",
    "storage.files.backend": "local",
    "storage.files.endpoint": "https://s3.amazonaws.com",
    "storage.files.bucket": "",
    "storage.files.region": "",
    "storage.files.access_key": "",
    "storage.files.secret_key": "",
    "storage.files.max_file_size": 104_857_600,
    "limits.people_per_team": PEOPLE_PER_TEAM,
}


def _pristine() -> tuple[Live[Any], ...]:
    """A fresh server: settings alone, for teams, channels and people come from us."""
    return tuple(
        Live(
            resource=Setting(name=name, value=_FRESH.get(name, UNKNOWN)),
            id=entry.keys[0],
        )
        for name, entry in SETTINGS.items()
    )
