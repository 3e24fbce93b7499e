"""What Rocket.Chat can hold and would refuse, by release; all offline."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from chatops.platforms.base import (
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
from chatops.platforms.rocketchat.settings import LANGUAGES, Unfit, encode, pristine
from chatops.resources import (
    MEMBER,
    Channel,
    Kind,
    Live,
    Resource,
    Setting,
    Team,
    User,
)

__all__ = ["EDITIONS", "NEWEST", "OLDEST", "bot", "facts"]

EDITIONS = ("community", "starter", "pro", "enterprise")
OLDEST, NEWEST = 8, 9
"""The majors that are spoken first; 7 works, older ones are survived."""

NAME = r"[0-9a-z._-]+"
"""The product's own pattern, small letters only: UTF8_User_Names_Validation and its sister."""

_PENDING = Support(Can.NO, "chatops does not manage this on Rocket.Chat yet; it is left as it is")
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
    """What this release can hold."""
    major = release.version[0] if release.version else NEWEST
    return Facts(
        label=f"Rocket.Chat {release.text} ({release.edition})",
        editions=EDITIONS,
        support=_support(release.edition),
        rules=_rules(release.edition),
        normalize=NORMALIZE,
        implied=_implied,
        pristine=(bot(), *_pristine_settings(major)),
        remarks=_remarks(major),
    )


def bot() -> Live[User]:
    """The bot that every server is born with."""
    return Live(
        resource=User(
            username="rocket.cat",
            name="Rocket.Cat",
            email="",
            title="",
            roles=frozenset({MEMBER}),
            active=True,
        ),
        id="rocket.cat",
        protected=True,
    )


def _support(edition: str) -> Mapping[str, Support]:
    cells = {
        **PENDING,
        "user.title": Support(Can.NO, "Rocket.Chat has no title on a person; it is left out"),
        "user.active": Support(
            Can.YES,
            "whoever is the only owner of a room cannot be deactivated: the server would delete "
            "the room or give it away; make somebody else an owner first",
        ),
        "team.display_name": Support(
            Can.NO, "Rocket.Chat shows a team under its name; the display name is left out"
        ),
        "channel.display_name": Support(
            Can.NO, "Rocket.Chat shows a channel under its name; the display name is left out"
        ),
        "team.description": Support(Can.YES, "kept as the description of the team's main room"),
        "team.archived": Support(
            Can.EMULATED,
            "Rocket.Chat cannot archive a team: its main room is archived instead, the team "
            "stays listed, and its channels are left as they are",
        ),
        "channel.purpose": Support(Can.YES, "kept as the room's description"),
        "setting.storage.files.backend": Support(
            Can.YES, "local means inside the database (GridFS)"
        ),
        "setting.company.timezone": Support(
            Can.LOOKUP, "a server keeps the time zone of the machine it was installed on"
        ),
        "setting.company.locale": Support(
            Can.YES, "one of the languages that Rocket.Chat is translated into"
        ),
        "setting.sign_in.password.min_length": Support(
            Can.YES, "switches the server's whole password policy on; its other rules stay"
        ),
        "setting.limits.people_per_team": Support(
            Can.NO, "Rocket.Chat has no limit on the people of a team; nothing is set"
        ),
        "onboarding.sso": Support(
            Can.NO,
            "chatops does not set up single sign-on for Rocket.Chat; use mail or file",
        ),
        "onboarding.mail": Support(
            Can.YES, "the server's own reset mail; it must be able to send mail"
        ),
        "onboarding.file": Support(Can.YES, "the password must be changed at the first sign-in"),
    }
    if edition == "community":
        cells["role.guest"] = Support(
            Can.NO,
            "Rocket.Chat without a licence allows no guests (their number is capped at 0)",
        )
    return cells


def _rules(edition: str) -> tuple[Rule, ...]:
    rules: list[Rule] = [
        *(
            Pattern(
                kind=kind,
                field=field,
                regex=NAME,
                message=f"Rocket.Chat takes names of {what} out of a-z 0-9 . - _",
            )
            for kind, field, what in (
                (Kind.USER, "username", "people"),
                (Kind.TEAM, "name", "teams"),
                (Kind.CHANNEL, "name", "channels"),
            )
        ),
        Pattern(
            kind=Kind.USER,
            field="name",
            regex=r"[^<>\\/]*",
            message="Rocket.Chat takes no < > \\ / in a person's name",
        ),
        Pattern(
            kind=Kind.SETTING,
            field="company.locale",
            regex="|".join(sorted(LANGUAGES)) + "|",
            message="Rocket.Chat is not translated into this language",
            hint="leave the locale out: the server then speaks English",
        ),
        Length(kind=Kind.USER, field="username", least=1, most=1000),
        Length(kind=Kind.USER, field="name", least=1, most=1000),
        Length(kind=Kind.TEAM, field="name", least=1, most=1000),
        Length(kind=Kind.CHANNEL, field="name", least=1, most=1000),
        Reserved(
            kind=Kind.USER,
            field="username",
            words=frozenset({"all", "here"}),
            why="@all and @here call everybody in a room",
        ),
        Reserved(
            kind=Kind.USER,
            field="username",
            words=frozenset({"admin", "administrator", "system", "user"}),
            why="the server refuses these names (Accounts_SystemBlockedUsernameList)",
        ),
        Reserved(
            kind=Kind.USER,
            field="username",
            words=frozenset({"rocket.cat"}),
            why="the server's own bot has this name",
        ),
    ]
    for kind in (Kind.TEAM, Kind.CHANNEL):
        rules += [
            Reserved(
                kind=kind,
                field="name",
                words=frozenset({"general"}),
                why="the server's own room #general has this name, and all rooms of a server "
                "share one space of names",
            ),
            Reserved(
                kind=kind,
                field="name",
                words=frozenset({"rocket.cat"}),
                why="the server's own bot has this name",
            ),
        ]
    rules.append(
        Namespace(
            kinds=frozenset({Kind.USER, Kind.TEAM, Kind.CHANNEL}),
            per_team=False,
            why="on Rocket.Chat people, teams and the channels of all teams share one space of "
            "names, whatever the case of the letters",
        )
    )
    if edition == "starter":
        rules.append(
            Cap(
                kind=Kind.USER,
                most=50,
                why="the Starter plan allows 50 active people",
                hint="the community edition has no such limit",
            )
        )
    return tuple(rules)


def _user(user: User) -> User:
    changed: dict[str, Any] = {}
    if isinstance(user.name, str):
        changed["name"] = " ".join(user.name.split())
    if isinstance(user.email, str):
        changed["email"] = user.email.strip().lower()
    return replace(user, **changed)


def _team(team: Team) -> Team:
    return replace(team, **_stripped(team, "description"))


def _channel(channel: Channel) -> Channel:
    return replace(channel, **_stripped(channel, "topic", "purpose"))


def _stripped(resource: Resource, *names: str) -> dict[str, Any]:
    values = ((name, getattr(resource, name)) for name in names)
    return {name: value.strip() for name, value in values if isinstance(value, str)}


def _setting(setting: Setting) -> Setting:
    """The locale as the server names it ("vi" is "vi-VN"), addresses without a last slash."""
    value = setting.value
    if setting.name == "company.locale" and isinstance(value, str):
        try:
            return replace(setting, value=encode(setting.name, value)["Language"])
        except Unfit:
            return setting
    if setting.name == "sign_in.email_domains" and isinstance(value, tuple):
        return replace(setting, value=tuple(sorted({d.strip().lower() for d in value})))
    return setting


NORMALIZE: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.SETTING: _setting,
    Kind.USER: _user,
    Kind.TEAM: _team,
    Kind.CHANNEL: _channel,
}


def _implied(resources: Collection[Resource]) -> tuple[Resource, ...]:
    """Nothing: no setting of this product depends on how many people there are."""
    return ()


def _pristine_settings(major: int) -> tuple[Live[Setting], ...]:
    return tuple(Live(resource=setting, id=ident) for ident, setting in pristine(major))


def _remarks(major: int) -> tuple[str, ...]:
    if major > NEWEST:
        return (f"Rocket.Chat {major} is newer than what chatops has been tried with ({NEWEST}.0)",)
    if major < OLDEST - 1:
        return (
            f"Rocket.Chat {major} is far behind what chatops is made for ({OLDEST}.0 and later) "
            "and gets no security fixes: upgrade it, one major version at a time, before you "
            "rely on a run",
        )
    if major < OLDEST:
        return (
            f"Rocket.Chat {major} is older than what chatops is made for ({OLDEST}.0 and later); "
            "most things work",
        )
    return ()
