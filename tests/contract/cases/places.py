"""Teams, channels and who is in them."""

from tests.contract.cases.story import (
    ANN,
    ARCHIVE,
    BEN,
    CHANNELS,
    EXACT,
    LONG,
    ODD,
    PEOPLE,
    QUIET,
    TEAM,
    Case,
    Chapter,
    person,
)

__all__ = ["CASES"]

CASES: tuple[Case, ...] = (
    Case(
        "a person with a new name stays where they were",
        "members",
        (
            Chapter(EXACT + PEOPLE + CHANNELS + "      - {name: o-{t}, members: [everyone]}\n"),
            Chapter(
                EXACT
                + "users:\n"
                + ANN
                + BEN
                + "  - {username: cas-{t}, renamed_from: cat-{t}, name: Person cat, "
                "email: cat-{t}@contract.example}\n"
                + TEAM
                + "    leads: [cas-{t}]\n    channels:\n"
                + "      - {name: o-{t}, members: [ann-{t}, cas-{t}]}\n",
                words=("renamed from", "−1"),
            ),
        ),
        ("user.rename",),
    ),
    Case("a team", "team", (Chapter(QUIET + TEAM),)),
    Case(
        "a team is described, and described otherwise",
        "team",
        (
            Chapter(QUIET + TEAM + "    description: Trucks and drivers\n"),
            Chapter(QUIET + TEAM + "    description: Ships\n", words=("description:",)),
        ),
        ("team.description",),
    ),
    Case(
        "a team's title changes",
        "team",
        (
            Chapter(QUIET + TEAM + "    display_name: Operations\n"),
            Chapter(QUIET + TEAM + "    display_name: The whole fleet\n", words=("display_name:",)),
        ),
        ("team.display_name",),
    ),
    Case(
        "a team opens and closes",
        "team",
        (
            Chapter(QUIET + TEAM),
            Chapter(QUIET + TEAM.replace("invite", "open"), words=("open:",)),
            Chapter(QUIET + TEAM, words=("open:",)),
        ),
    ),
    Case(
        "a team takes another name",
        "team",
        (
            Chapter(QUIET + CHANNELS + "      - {name: a-{t}, topic: one}\n"),
            Chapter(
                QUIET
                + "teams:\n  - name: crew-{t}\n    renamed_from: team-{t}\n"
                + "    channels:\n      - {name: a-{t}, topic: two}\n",
                words=("renamed from",),
            ),
        ),
        ("team.rename",),
    ),
    Case(
        "a public channel",
        "channel",
        (Chapter(QUIET + CHANNELS + "      - {name: b-{t}}\n"),),
    ),
    Case(
        "a channel's topic and purpose change",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: c-{t}, topic: T, purpose: P}\n"),
            Chapter(
                QUIET + CHANNELS + "      - {name: c-{t}, topic: 'On duty: 112', purpose: Q}\n",
                words=("topic:", "purpose:"),
            ),
            Chapter(QUIET + CHANNELS + "      - {name: c-{t}, topic: '', purpose: ''}\n"),
        ),
    ),
    Case(
        "text stays text",
        "channel",
        (
            Chapter(
                QUIET
                + CHANNELS
                + "      - {name: d-{t}, topic: '"
                + ODD
                + "', purpose: '"
                + LONG
                + "'}\n"
            ),
        ),
    ),
    Case(
        "a topic of several lines",
        "channel",
        (Chapter(QUIET + CHANNELS + '      - {name: e-{t}, topic: "one\\ntwo"}\n'),),
    ),
    Case(
        "a channel's title changes",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: f-{t}, display_name: Dispatch}\n"),
            Chapter(QUIET + CHANNELS + "      - {name: f-{t}, display_name: 'Køge & co'}\n"),
        ),
        ("channel.display_name",),
    ),
    Case(
        "a private channel, made public and private again",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: g-{t}, private: true}\n"),
            Chapter(QUIET + CHANNELS + "      - {name: g-{t}}\n", changes=False),
            Chapter(
                QUIET + CHANNELS + "      - {name: g-{t}, private: false}\n", words=("private:",)
            ),
            Chapter(QUIET + CHANNELS + "      - {name: g-{t}, private: true}\n"),
        ),
    ),
    Case(
        "a channel takes another name",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: h-{t}, topic: kept}\n"),
            Chapter(
                QUIET + CHANNELS + "      - {name: i-{t}, renamed_from: h-{t}, topic: kept}\n",
                words=("renamed from",),
            ),
        ),
        ("channel.rename",),
    ),
    Case(
        "names move up in a row",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: x1-{t}}\n      - {name: x2-{t}}\n"),
            Chapter(
                QUIET
                + CHANNELS
                + "      - {name: x2-{t}, renamed_from: x1-{t}}\n"
                + "      - {name: x3-{t}, renamed_from: x2-{t}}\n"
            ),
        ),
        ("channel.rename",),
    ),
    Case(
        "a channel that the file forgets is archived, and brought back",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: j-{t}}\n      - {name: k-{t}, topic: T}\n"),
            Chapter(
                ARCHIVE + CHANNELS + "      - {name: j-{t}}\n",
                only=("channel:team-{t}/*",),
                words=("archive",),
            ),
            Chapter(
                QUIET + CHANNELS + "      - {name: j-{t}}\n      - {name: k-{t}, topic: U}\n",
                words=("archived:", "topic:"),
            ),
        ),
    ),
    Case(
        "people join a team",
        "team-members",
        (
            Chapter(QUIET + PEOPLE + TEAM + "    members: [ann-{t}]\n"),
            Chapter(QUIET + PEOPLE + TEAM + "    members: [everyone]\n"),
            Chapter(QUIET + PEOPLE + TEAM + "    members: [ann-{t}]\n", changes=False),
        ),
    ),
    Case(
        "an exact team",
        "team-members",
        (
            Chapter(EXACT + PEOPLE + TEAM + "    members: [everyone]\n"),
            Chapter(EXACT + PEOPLE + TEAM + "    members: [ann-{t}]\n", words=("−2",)),
        ),
    ),
    Case(
        "somebody leads a team, then somebody else",
        "team-members",
        (
            Chapter(EXACT + PEOPLE + TEAM + "    members: [everyone]\n    leads: [ann-{t}]\n"),
            Chapter(EXACT + PEOPLE + TEAM + "    members: [everyone]\n    leads: [ben-{t}]\n"),
        ),
        ("team-members.leads",),
    ),
    Case(
        "a lead leaves an exact team, and its channels",
        "team-members",
        (
            Chapter(
                QUIET
                + PEOPLE
                + TEAM
                + "    members: [everyone]\n    leads: [ben-{t}]\n    channels:\n"
                + "      - {name: p-{t}, members: [everyone]}\n"
            ),
            Chapter(
                QUIET
                + PEOPLE
                + TEAM
                + "    members: [ann-{t}]\n    membership: exact\n    channels:\n"
                + "      - {name: p-{t}, members: [ann-{t}, cat-{t}]}\n",
                words=("−1",),
            ),
        ),
        ("team-members.leads",),
    ),
    Case(
        "people join a channel, and with it its team",
        "members",
        (
            Chapter(QUIET + PEOPLE + CHANNELS + "      - {name: l-{t}, members: [ann-{t}]}\n"),
            Chapter(
                QUIET
                + PEOPLE
                + "groups:\n  - {name: two, members: [ann-{t}, ben-{t}]}\n"
                + CHANNELS
                + "      - {name: l-{t}, members: ['group:two']}\n",
                words=("in one of its channels",),
            ),
        ),
    ),
    Case(
        "a lead leaves an exact channel",
        "members",
        (
            Chapter(
                EXACT
                + PEOPLE
                + CHANNELS
                + "      - {name: q-{t}, members: [everyone], leads: [ann-{t}]}\n"
            ),
            Chapter(
                EXACT
                + PEOPLE
                + CHANNELS
                + "      - {name: q-{t}, members: [everyone], leads: [ben-{t}, cat-{t}]}\n",
                words=("leads",),
            ),
            Chapter(
                EXACT
                + PEOPLE
                + CHANNELS
                + "      - {name: q-{t}, members: [ann-{t}, cat-{t}], leads: [cat-{t}]}\n",
                words=("−1",),
            ),
        ),
        ("members.leads",),
    ),
    Case(
        "an exact private channel",
        "members",
        (
            Chapter(
                QUIET
                + PEOPLE
                + CHANNELS
                + "      - {name: m-{t}, private: true, members: [ann-{t}, ben-{t}], "
                "membership: exact}\n"
            ),
            Chapter(
                QUIET
                + PEOPLE
                + CHANNELS
                + "      - {name: m-{t}, private: true, members: [cat-{t}], membership: exact}\n",
                words=("+1", "−2"),
            ),
        ),
    ),
    Case(
        "who has left stays where they were",
        "members",
        (
            Chapter(
                QUIET
                + PEOPLE
                + CHANNELS
                + "      - {name: n-{t}, members: [everyone], membership: exact}\n"
            ),
            Chapter(
                QUIET
                + "users:\n"
                + ANN
                + BEN
                + person("cat", active="false")
                + CHANNELS
                + "      - {name: n-{t}, members: [everyone], membership: exact}\n",
                words=("deactivate",),
            ),
        ),
    ),
)
