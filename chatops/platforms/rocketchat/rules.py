"""What Rocket.Chat would refuse: names, lengths, numbers."""

from chatops.platforms.base import Cap, Length, Namespace, Pattern, Reserved, Rule
from chatops.platforms.rocketchat.rolebook import BORN_WITH
from chatops.platforms.rocketchat.settings import LANGUAGES
from chatops.resources import Kind

__all__ = ["rules"]

NAME = r"[0-9a-z._-]+"
"""The product's own pattern, small letters only: UTF8_User_Names_Validation and its sister."""


def rules(edition: str) -> tuple[Rule, ...]:
    """The rules of an edition."""
    found: list[Rule] = [
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
                (Kind.BOT, "username", "bots"),
            )
        ),
        Pattern(
            kind=Kind.USER,
            field="name",
            regex=r"[^<>\\/]*",
            message="Rocket.Chat takes no < > \\ / in a person's name",
        ),
        Pattern(
            kind=Kind.EMOJI,
            field="name",
            # What is left as it is by limax 4 with "_" in place of all else.
            regex=r"[a-z0-9-]+(_[a-z0-9-]+)*",
            message="Rocket.Chat takes names of emoji out of a-z 0-9 - and single _ inside",
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
        Length(kind=Kind.BOT, field="description", most=260),
        Reserved(
            kind=Kind.ROLE,
            field="name",
            words=frozenset(BORN_WITH - {"admin", "guest"}),
            why="the server has a role of its own of this name",
        ),
    ]
    for kind in (Kind.USER, Kind.BOT):
        found += [
            Reserved(kind=kind, field="username", words=frozenset(words), why=why)
            for words, why in (
                (("all", "here"), "@all and @here call everybody in a room"),
                (
                    ("admin", "administrator", "system", "user"),
                    "the server refuses these names (Accounts_SystemBlockedUsernameList)",
                ),
                (("rocket.cat",), "the server's own bot has this name"),
            )
        ]
    for kind in (Kind.TEAM, Kind.CHANNEL):
        found += [
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
    found.append(
        Namespace(
            kinds=frozenset({Kind.USER, Kind.TEAM, Kind.CHANNEL, Kind.BOT}),
            per_team=False,
            why="on Rocket.Chat people, bots, teams and the channels of all teams share one space "
            "of names, whatever the case of the letters",
        )
    )
    if edition == "community":
        found.append(
            Cap(
                kind=Kind.DEPARTMENT,
                most=1,
                why="Rocket.Chat without a licence has one department, archived ones counted",
                hint="put the agents together into one, or ask the vendor for a plan",
            )
        )
    if edition == "starter":
        found.append(
            Cap(
                kind=Kind.USER,
                most=50,
                why="the Starter plan allows 50 active people",
                hint="the community edition has no such limit",
            )
        )
    return tuple(found)
