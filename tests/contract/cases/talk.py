"""What is said: who may write where, who looks after it, pinned messages, conversations."""

from tests.contract.cases.story import CHANNELS, EXACT, PEOPLE, QUIET, Case, Chapter

__all__ = ["CASES"]

LED = "      - {name: q-{t}, members: [everyone], membership: exact, "
TEAM_LED = "teams:\n  - name: team-{t}\n    leads: [ben-{t}]\n    members: [everyone]\n"
PINNED = QUIET + CHANNELS + "      - {name: w-{t}, pinned: [%s]}\n"

CASES: tuple[Case, ...] = (
    Case(
        "somebody looks after a channel, then somebody else",
        "members",
        (
            Chapter(EXACT + PEOPLE + CHANNELS + LED + "leads: [ann-{t}]}\n"),
            Chapter(
                EXACT + PEOPLE + CHANNELS + LED + "leads: [ben-{t}]}\n",
                words=("leads",),
            ),
            Chapter(
                QUIET + PEOPLE + CHANNELS + "      - {name: q-{t}, leads: [cat-{t}]}\n",
                words=("leads",),
            ),
        ),
        ("members.leads",),
    ),
    Case(
        "a private channel has leads from the start",
        "members",
        (
            Chapter(
                QUIET
                + PEOPLE
                + CHANNELS
                + "      - {name: r-{t}, private: true, members: [ann-{t}], leads: [ben-{t}]}\n"
            ),
        ),
        ("members.leads",),
    ),
    Case(
        "only leads write, then everybody does",
        "channel",
        (
            Chapter(
                QUIET
                + PEOPLE
                + CHANNELS
                + "      - {name: s-{t}, posting: leads, leads: [ann-{t}], members: [ben-{t}]}\n",
                words=("only its leads write",),
            ),
            Chapter(
                QUIET + CHANNELS + "      - {name: s-{t}, posting: everyone}\n", words=("posting:",)
            ),
            Chapter(QUIET + CHANNELS + "      - {name: s-{t}}\n", changes=False),
            Chapter(
                QUIET + CHANNELS + "      - {name: s-{t}, posting: leads}\n", words=("posting:",)
            ),
        ),
        ("channel.posting", "members.leads"),
    ),
    Case(
        "where only leads write, the leads of the team do",
        "channel",
        (
            Chapter(
                QUIET
                + PEOPLE
                + TEAM_LED
                + "    channels:\n      - {name: t-{t}, posting: leads, members: [everyone]}\n"
            ),
        ),
        ("channel.posting", "members.leads"),
    ),
    Case(
        "newcomers come into a channel, and no more",
        "channel",
        (
            Chapter(
                QUIET + PEOPLE + TEAM_LED + "    channels:\n      - {name: u-{t}, default: true}\n",
                words=("newcomers come in",),
            ),
            Chapter(
                QUIET
                + PEOPLE
                + TEAM_LED
                + "    channels:\n      - {name: u-{t}, default: false}\n",
                words=("default:",),
            ),
        ),
        ("channel.default",),
    ),
    Case(
        "a channel that is put away by the file, and comes back",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: v-{t}, topic: T}\n"),
            Chapter(
                QUIET + CHANNELS + "      - {name: v-{t}, topic: U, archived: true}\n",
                words=("archive",),
            ),
            Chapter(
                QUIET + CHANNELS + "      - {name: v-{t}, topic: U}\n",
                words=("archived:", "topic:"),
            ),
        ),
    ),
    Case(
        "an archived channel that is not there is not made",
        "channel",
        (
            Chapter(QUIET + CHANNELS + "      - {name: y-{t}}\n"),
            Chapter(
                QUIET + CHANNELS + "      - {name: y-{t}}\n      - {name: z-{t}, archived: true}\n",
                changes=False,
            ),
        ),
    ),
    Case(
        "messages are pinned and unpinned",
        "pinned",
        (
            Chapter(PINNED % "'How we hand over', 'it''s {{ 7 * 7 }} $(id) @all <b> æøå 🚚'"),
            Chapter(PINNED % "'How we hand over', 'Second'", words=("pinned",)),
            Chapter(PINNED % ""),
            Chapter(PINNED % "'How we hand over', \"two\\nlines\""),
        ),
        ("pinned",),
    ),
    Case(
        "a private channel has a pinned message",
        "pinned",
        (
            Chapter(
                QUIET + CHANNELS + "      - {name: x-{t}, private: true, pinned: [Read me first]}\n"
            ),
        ),
        ("pinned",),
    ),
    Case(
        "two people have a conversation",
        "direct-message",
        (Chapter(QUIET + PEOPLE + "direct_messages: [{members: [ann-{t}, ben-{t}]}]\n"),),
        ("direct-message",),
    ),
    Case(
        "three people have a conversation, and two of them another",
        "direct-message",
        (
            Chapter(QUIET + PEOPLE + "direct_messages: [{members: [ann-{t}, ben-{t}, cat-{t}]}]\n"),
            Chapter(
                QUIET
                + PEOPLE
                + "direct_messages: [{members: [ann-{t}, ben-{t}, cat-{t}]}, "
                + "{members: [cat-{t}, ben-{t}]}]\n"
            ),
        ),
        ("direct-message.group",),
    ),
)
