"""What every platform must be able to do, easiest first: a story in company files.

A case is a list of chapters. Each chapter is a company file (`{t}` is a name that this run alone
uses); it is applied, planned again, and must then be empty. `requires` names cells of the support
table: a platform that says NO to one is not asked. `only` limits the chapter as `--only` would.
"""

from dataclasses import dataclass

__all__ = ["CASES", "Case", "Chapter"]


@dataclass(frozen=True)
class Chapter:
    """One company file, what must change, and what stays out of it."""

    text: str
    changes: bool = True
    only: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """What the printed plan must say."""


@dataclass(frozen=True)
class Case:
    """A name, the kind it proves, what the platform must hold for it, and the chapters."""

    name: str
    kind: str
    chapters: tuple[Chapter, ...]
    requires: tuple[str, ...] = ()


def person(login: str, **more: str) -> str:
    """A line of the list of people."""
    fields = {"username": f"{login}-{{t}}", "name": f"Person {login}"}
    fields["email"] = f"{login}-{{t}}@contract.example"
    fields |= more
    return "  - {" + ", ".join(f"{k}: {v}" for k, v in fields.items()) + "}\n"


ANN, BEN, CAT = person("ann"), person("ben"), person("cat")
PEOPLE = "users:\n" + ANN + BEN + CAT
TEAM = "teams:\n  - name: team-{t}\n    visibility: invite\n"
CHANNELS = TEAM + "    channels:\n"
QUIET = "policy: {unsupported: note, unmanaged: ignore, max_removals: 50}\n"
EXACT = "policy: {unsupported: note, unmanaged: ignore, max_removals: 50, membership: exact}\n"
ARCHIVE = "policy: {unsupported: note, unmanaged: archive, max_removals: 50}\n"

LONG = "x" * 200
ODD = "it''s {{ 7 * 7 }} {% raw %} $(id) `id` ${HOME} <b> & \\ æøå 🚚"

CASES: tuple[Case, ...] = (
    Case("a person", "user", (Chapter(QUIET + "users:\n" + ANN),)),
    Case("several people", "user", (Chapter(QUIET + PEOPLE),)),
    Case(
        "a person's name and mail change",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("dan")),
            Chapter(
                QUIET
                + "users:\n"
                + person("dan", name="Daniel van der Berg", email="daniel-{t}@contract.example"),
                words=("name:", "email:"),
            ),
        ),
    ),
    Case(
        "a person's title changes",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("eva", title="CIO")),
            Chapter(QUIET + "users:\n" + person("eva", title="Chief of ships"), words=("title:",)),
        ),
        ("user.title",),
    ),
    Case(
        "a person leaves and comes back",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("fay")),
            Chapter(QUIET + "users:\n" + person("fay", active="false"), words=("deactivate",)),
            Chapter(QUIET + "users:\n" + person("fay", active="true"), words=("activate",)),
        ),
    ),
    Case(
        "who is inactive and not there is not made",
        "user",
        (Chapter(QUIET + "users:\n" + person("gil", active="false"), changes=False),),
    ),
    Case(
        "a person becomes an admin and no more",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("hal", roles="[admin]")),
            Chapter(QUIET + "users:\n" + person("hal", roles="[member]"), words=("roles",)),
        ),
    ),
    Case(
        "a person takes another user name",
        "user",
        (
            Chapter(QUIET + "users:\n" + person("ivy")),
            Chapter(
                QUIET
                + "users:\n"
                + "  - {username: ivo-{t}, renamed_from: ivy-{t}, name: Person ivy, "
                "email: ivy-{t}@contract.example}\n",
                words=("renamed from",),
            ),
        ),
        ("user.rename",),
    ),
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
"""All of them. Settings have a suite of their own, for there is only one of each on a server."""

SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("company.name", "company: {name: '%s'}", "Nordlys"),
    ("company.locale", "company: {name: Acme, locale: %s}", "da"),
    ("sign_in.password.min_length", "sign_in: {password: {min_length: %s}}", "15"),
    ("sign_in.self_registration", "sign_in: {self_registration: %s}", "true"),
    ("sign_in.email_domains", "sign_in: {email_domains: [%s]}", "contract.example"),
    ("smtp.host", "smtp: {host: %s}", "mail.contract.example"),
    ("smtp.port", "smtp: {host: m.example, port: %s}", "2525"),
    ("smtp.security", "smtp: {host: m.example, security: %s}", "tls"),
    ("smtp.username", "smtp: {host: m.example, username: %s}", "chat"),
    ("smtp.from", "smtp: {host: m.example, from: '%s'}", "Chat <chat@contract.example>"),
    ("storage.files.max_file_size", "storage: {files: {max_file_size: %s}}", "50MiB"),
    (
        "storage.files.bucket",
        "storage: {files: {bucket: %s, endpoint: 'https://s3.contract.example'}}",
        "chatfiles",
    ),
)

OTHERWISE = {
    "company.name": "Sydlys",
    "company.locale": "de",
    "sign_in.password.min_length": "16",
    "sign_in.self_registration": "false",
    "sign_in.email_domains": "other.contract.example",
    "smtp.host": "mail2.contract.example",
    "smtp.port": "2526",
    "smtp.security": "starttls",
    "smtp.username": "chat2",
    "smtp.from": "Chat 2 <chat2@contract.example>",
    "storage.files.max_file_size": "60MiB",
    "storage.files.bucket": "chatfiles2",
}
"""A second value for a server that has the first one already."""
