"""Webhooks, commands, bots and emoji."""

from tests.contract.cases.story import ARCHIVE, CHANNELS, EXACT, PEOPLE, QUIET, Case, Chapter

__all__ = ["CASES"]

TWO = CHANNELS + "      - {name: w1-{t}}\n      - {name: w2-{t}}\n"
CLOSED = CHANNELS + "      - {name: w3-{t}, private: true}\n"
IN, OUT = "incoming_webhooks", "outgoing_webhooks"


def listed(what: str, *items: str) -> str:
    """The section with one list of these."""
    return f"integrations:\n  {what}:\n" + "".join(f"    - {{{item}}}\n" for item in items)


def told(channel: str = "w1-{t}", words: str = "'!weather'", path: str = "weather") -> str:
    """An outgoing webhook."""
    url = f"https://bots.contract.example/{path}"
    return (
        f"name: told-{{t}}, channel: team-{{t}}/{channel}, trigger_words: [{words}], url: '{url}'"
    )


WEBHOOKS: tuple[Case, ...] = (
    Case(
        "an incoming webhook moves to another channel",
        "incoming-webhook",
        (
            Chapter(
                QUIET + TWO + listed(IN, "name: ci-{t}, channel: team-{t}/w1-{t}"),
                words=("+ incoming-webhook ci-",),
            ),
            Chapter(
                QUIET + TWO + listed(IN, "name: ci-{t}, channel: team-{t}/w2-{t}"),
                words=("~ incoming-webhook ci-", "channel:"),
            ),
        ),
        ("incoming-webhook",),
    ),
    Case(
        "an incoming webhook writes under a name and a picture, then another",
        "incoming-webhook",
        (
            Chapter(
                QUIET
                + TWO
                + listed(
                    IN,
                    "name: 'ci & co {t}', channel: team-{t}/w1-{t}, username: builds, "
                    "icon_url: 'https://ci.contract.example/a.png'",
                )
            ),
            Chapter(
                QUIET
                + TWO
                + listed(
                    IN,
                    "name: 'ci & co {t}', channel: team-{t}/w1-{t}, username: robot, "
                    "icon_url: 'https://ci.contract.example/b.png'",
                ),
                words=("username:", "icon_url:"),
            ),
        ),
        ("incoming-webhook", "incoming-webhook.username", "incoming-webhook.icon_url"),
    ),
    Case(
        "an incoming webhook is described",
        "incoming-webhook",
        (
            Chapter(
                QUIET
                + TWO
                + listed(IN, "name: ci-{t}, channel: team-{t}/w1-{t}, description: From the builds")
            ),
            Chapter(
                QUIET
                + TWO
                + listed(IN, "name: ci-{t}, channel: team-{t}/w1-{t}, description: Of the builds"),
                words=("description:",),
            ),
        ),
        ("incoming-webhook", "incoming-webhook.description"),
    ),
    Case(
        "an incoming webhook of a private channel, whose name changes",
        "incoming-webhook",
        (
            Chapter(QUIET + CLOSED + listed(IN, "name: ci-{t}, channel: team-{t}/w3-{t}")),
            Chapter(
                QUIET
                + CLOSED.replace("name: w3-{t}", "name: w4-{t}, renamed_from: w3-{t}")
                + listed(IN, "name: ci-{t}, channel: team-{t}/w4-{t}"),
                words=("renamed from",),
            ),
        ),
        ("incoming-webhook", "channel.rename"),
    ),
    Case(
        "a webhook that the file forgets is deleted",
        "incoming-webhook",
        (
            Chapter(
                QUIET
                + TWO
                + listed(
                    IN,
                    "name: ci-{t}, channel: team-{t}/w1-{t}",
                    "name: cd-{t}, channel: team-{t}/w1-{t}",
                )
            ),
            Chapter(
                ARCHIVE + TWO + listed(IN, "name: ci-{t}, channel: team-{t}/w1-{t}"),
                only=("incoming-webhook:c?-{t}",),
                words=("- incoming-webhook cd-", "delete"),
            ),
        ),
        ("incoming-webhook",),
    ),
    Case(
        "an outgoing webhook moves, listens to other words and calls another address",
        "outgoing-webhook",
        (
            Chapter(QUIET + TWO + listed(OUT, told())),
            Chapter(
                QUIET + TWO + listed(OUT, told("w2-{t}", "'!weather', '!rain'", "rain")),
                words=("channel:", "trigger_words +1", "url:"),
            ),
            Chapter(QUIET + TWO + listed(OUT, told("w2-{t}", "'!rain'", "rain"))),
        ),
        ("outgoing-webhook",),
    ),
    Case(
        "an outgoing webhook is described",
        "outgoing-webhook",
        (
            Chapter(QUIET + TWO + listed(OUT, told() + ", description: Rain or shine")),
            Chapter(
                QUIET + TWO + listed(OUT, told() + ", description: 'Wind, too'"),
                words=("description:",),
            ),
        ),
        ("outgoing-webhook", "outgoing-webhook.description"),
    ),
    Case(
        "an outgoing webhook that the file forgets is deleted",
        "outgoing-webhook",
        (
            Chapter(QUIET + TWO + listed(OUT, told())),
            Chapter(
                ARCHIVE + TWO + f"integrations: {{{OUT}: []}}\n",
                only=("outgoing-webhook:told-{t}",),
                words=("- outgoing-webhook told-", "delete"),
            ),
        ),
        ("outgoing-webhook",),
    ),
)


def command(**more: str) -> str:
    """A slash command."""
    fields = {"team": "team-{t}", "trigger": "truck{t}"}
    fields |= {"url": "'https://bots.contract.example/truck'"} | more
    return ", ".join(f"{k}: {v}" for k, v in fields.items())


COMMANDS: tuple[Case, ...] = (
    Case(
        "a slash command is changed",
        "slash-command",
        (
            Chapter(QUIET + TWO + listed("slash_commands", command(description="Where?"))),
            Chapter(
                QUIET
                + TWO
                + listed(
                    "slash_commands",
                    command(
                        description="'Where is a truck?'",
                        display_name="Trucks",
                        hint="'[number]'",
                        method="get",
                        autocomplete="true",
                        username="Dispatcher",
                        url="'https://bots.contract.example/lorry'",
                    ),
                ),
                words=("description:", "url:", "method:"),
            ),
        ),
        ("slash-command",),
    ),
    Case(
        "a slash command that the file forgets is deleted",
        "slash-command",
        (
            Chapter(QUIET + TWO + listed("slash_commands", command())),
            Chapter(
                ARCHIVE + TWO + "integrations: {slash_commands: []}\n",
                only=("slash-command:team-{t}/*",),
                words=("- slash-command team-",),
            ),
        ),
        ("slash-command",),
    ),
)


def bot(**more: str) -> str:
    """A bot."""
    fields = {"username": "robo-{t}"} | more
    return ", ".join(f"{k}: {v}" for k, v in fields.items())


BOTS: tuple[Case, ...] = (
    Case(
        "a bot is made, named and described, and named otherwise",
        "bot",
        (
            Chapter(QUIET + TWO + listed("bots", bot()), words=("+ bot robo-",)),
            Chapter(
                QUIET
                + TWO
                + listed("bots", bot(display_name="Robo", description="Speaks for the systems")),
                words=("display_name:", "description:"),
            ),
            Chapter(
                QUIET
                + TWO
                + listed("bots", bot(display_name="'Robo & co'", description="Speaks for all")),
                words=("display_name:", "description:"),
            ),
        ),
        ("bot",),
    ),
    Case(
        "a bot is given a picture",
        "bot",
        (
            Chapter(QUIET + TWO + listed("bots", bot())),
            Chapter(
                QUIET + TWO + listed("bots", bot(picture="pictures/green.png")), words=("picture:",)
            ),
            Chapter(
                QUIET + TWO + listed("bots", bot(picture="pictures/blue.png")), words=("picture:",)
            ),
        ),
        ("bot", "bot.picture"),
    ),
    Case(
        "a bot comes into channels, and is thrown out of none",
        "bot",
        (
            Chapter(QUIET + TWO + listed("bots", bot(channels="[team-{t}/w1-{t}]"))),
            Chapter(
                QUIET + TWO + listed("bots", bot(channels="[team-{t}/w2-{t}]")),
                words=("channels +1",),
            ),
            Chapter(QUIET + TWO + listed("bots", bot(channels="[]")), changes=False),
        ),
        ("bot", "bot.channels"),
    ),
    Case(
        "a bot in a private channel with exact members stays there",
        "bot",
        (
            Chapter(
                EXACT
                + PEOPLE
                + CLOSED.replace("private: true", "private: true, members: [ann-{t}]")
                + listed("bots", bot(channels="[team-{t}/w3-{t}]"))
            ),
        ),
        ("bot", "bot.channels"),
    ),
    Case(
        "a bot that the file forgets is deactivated, and comes back",
        "bot",
        (
            Chapter(QUIET + TWO + listed("bots", bot())),
            Chapter(
                ARCHIVE + TWO + "integrations: {bots: []}\n",
                only=("bot:robo-{t}",),
                words=("- bot robo-", "deactivate"),
            ),
            Chapter(QUIET + TWO + listed("bots", bot()), words=("active: no → yes",)),
        ),
        ("bot",),
    ),
)


def image(name: str = "nordlys-{t}", file: str = "green") -> str:
    """An emoji."""
    return f"name: {name}, file: pictures/{file}.png"


EMOJI: tuple[Case, ...] = (
    Case(
        "an emoji is made",
        "emoji",
        (Chapter(QUIET + listed("emoji", image()), words=("+ emoji nordlys-",)),),
        ("emoji",),
    ),
    Case(
        "an emoji is given another picture",
        "emoji",
        (
            # The people's first passwords make the vault, which remembers the picture.
            Chapter(QUIET + PEOPLE + listed("emoji", image())),
            Chapter(
                QUIET + PEOPLE + listed("emoji", image(file="blue")),
                words=("~ emoji nordlys-", "picture:"),
            ),
        ),
        ("emoji",),
    ),
    Case(
        "an emoji that the file forgets is deleted, and made again",
        "emoji",
        (
            Chapter(QUIET + listed("emoji", image(), image("sydlys-{t}", "blue"))),
            Chapter(
                ARCHIVE + listed("emoji", image()),
                only=("emoji:*lys-{t}",),
                words=("- emoji sydlys-", "delete"),
            ),
            Chapter(QUIET + listed("emoji", image(), image("sydlys-{t}")), words=("+ emoji",)),
        ),
        ("emoji",),
    ),
)

CASES: tuple[Case, ...] = (*WEBHOOKS, *COMMANDS, *BOTS, *EMOJI)
