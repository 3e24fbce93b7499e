"""What can be said of a release without a server."""

import re

import pytest

from chatops.platforms.base import Can, Cap, Length, Pattern, Release, Reserved
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.settings import SETTINGS
from chatops.resources import (
    UNSET,
    Channel,
    Compare,
    Kind,
    Setting,
    Team,
    TeamMembers,
    User,
)

TEAM_EDITION = PLATFORM.facts(Release((11, 7), "team"))
ENTRY = PLATFORM.facts(Release((11, 7), "entry"))


@pytest.mark.parametrize(
    ("version", "edition", "most"),
    [
        ((11, 7), "team", 250),
        ((11, 0), "team", 250),
        ((10, 11), "team", 2_500),
        ((10, 6), "team", 5_000),
        ((9, 9), "team", 11_000),
        ((9, 8), "team", None),
        ((11, 7), "entry", None),
        ((11, 7), "enterprise", None),
    ],
)
def test_how_many_people(version: tuple[int, ...], edition: str, most: int | None) -> None:
    caps = [r for r in PLATFORM.facts(Release(version, edition)).rules if isinstance(r, Cap)]
    assert [c.most for c in caps] == ([] if most is None else [most])
    assert all(str(version[0]) in c.why and c.hint for c in caps)


@pytest.mark.parametrize(
    ("kind", "field", "good", "bad"),
    [
        (Kind.USER, "username", ["f", "9lives", "anna.b_c-d", "x" * 64], ["Ida", "a b", "x" * 65]),
        (Kind.USER, "name", ["Ida", "Mette Marie Krog", "x" * 64], ["x" * 65, f"Ida {'x' * 65}"]),
        (Kind.TEAM, "name", ["it", "ops-2"], ["o", "-ops", "ops-", "o_ps", "Ops"]),
        (
            Kind.CHANNEL,
            "name",
            ["d", "a__b", "depot-aarhus", "q" * 26],
            ["Dev", "dev two", "-dev", f"{'a' * 26}__{'b' * 26}", "0" * 40],
        ),
    ],
)
def test_patterns_are_the_servers(kind: Kind, field: str, good: list[str], bad: list[str]) -> None:
    patterns = [
        r.regex
        for r in TEAM_EDITION.rules
        if isinstance(r, Pattern) and (r.kind, r.field) == (kind, field)
    ]

    def taken(text: str) -> bool:
        return all(re.fullmatch(p, text) for p in patterns)

    assert [t for t in good if not taken(t)] == []
    assert [t for t in bad if taken(t)] == []


def test_one_letter_channels_are_young() -> None:
    def shortest(*version: int) -> int:
        (rule,) = (
            r
            for r in PLATFORM.facts(Release(version, "team")).rules
            if isinstance(r, Length) and (r.kind, r.field) == (Kind.CHANNEL, "name")
        )
        return rule.least

    assert shortest(11, 6) == 1
    assert shortest(5, 37) == 2


def test_reserved_words() -> None:
    reserved = {r.kind: r for r in TEAM_EDITION.rules if isinstance(r, Reserved)}
    assert "channel" in reserved[Kind.USER].words
    assert not reserved[Kind.USER].prefix
    assert {"help", "post"} <= reserved[Kind.TEAM].words
    assert reserved[Kind.TEAM].prefix


def test_what_team_edition_cannot_hold() -> None:
    assert TEAM_EDITION.cell("role.guest").can is Can.PAID
    assert TEAM_EDITION.cell("onboarding.sso").can is Can.PAID
    assert ENTRY.cell("role.guest").can is Can.YES
    assert TEAM_EDITION.cell("team.rename").can is Can.NO
    assert TEAM_EDITION.cell("channel.rename").can is Can.YES
    for facts in (TEAM_EDITION, ENTRY):
        assert all(cell.note for cell in facts.support.values())


def test_remarks_on_old_and_new_versions() -> None:
    def remarks(*version: int) -> tuple[str, ...]:
        return PLATFORM.facts(Release(version, "team")).remarks

    assert remarks(11, 7) == remarks(10, 11, 3) == ()
    assert "10.11" in remarks(10, 10)[0]
    assert "newer" in remarks(12, 0)[0]


def test_normalize_is_what_the_server_keeps() -> None:
    norm = TEAM_EDITION.normalize
    user = norm[Kind.USER](User(username="ida", name=" Ida \t Holm ", email="Ida@Nordlys.Example"))
    assert (user.name, user.email, user.title) == ("Ida Holm", "ida@nordlys.example", UNSET)
    assert norm[Kind.TEAM](Team(name="ops", display_name=" Ops ")).display_name == "Ops"
    channel = norm[Kind.CHANNEL](Channel(team="ops", name="a", display_name=" A ", topic=" t "))
    # Headers keep their white space on the server.
    assert (channel.display_name, channel.topic) == ("A", " t ")


def test_characters_that_the_server_drops() -> None:
    norm = TEAM_EDITION.normalize
    odd = "a\u202eb\ufeff \U000e0041c"
    assert norm[Kind.USER](User(username="ida", name=odd)).name == "ab c"
    team = norm[Kind.TEAM](Team(name="ops", display_name=odd, description=odd))
    assert (team.display_name, team.description) == ("ab c", "ab c")
    channel = norm[Kind.CHANNEL](Channel(team="ops", name="a", display_name=odd, topic=odd))
    assert (channel.display_name, channel.topic) == ("ab c", odd)


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [
        ("sign_in.email_domains", ("B.example", "@a.example"), ("a.example", "b.example")),
        ("smtp.from", '"Nordlys  chat" <chat@a.example>', "Nordlys chat <chat@a.example>"),
        ("smtp.from", "chat@a.example", "chat@a.example"),
        ("storage.files.endpoint", "HTTPS://S3.nordlys.example/", "https://s3.nordlys.example"),
        ("storage.files.endpoint", "minio:9000", "https://minio:9000"),
        ("storage.files.endpoint", "", "https://s3.amazonaws.com"),
        ("company.locale", "da", "en"),
        ("company.locale", "de_AT", "de"),
        ("company.locale", "pt-br", "pt-BR"),
        ("company.name", " Nordlys ", "Nordlys"),
        ("smtp.port", 587, 587),
    ],
)
def test_settings_in_the_servers_form(name: str, said: object, kept: object) -> None:
    normal = TEAM_EDITION.normalize[Kind.SETTING]
    wish = normal(Setting(name=name, value=said))  # type: ignore[arg-type]
    assert wish.value == kept
    assert normal(wish) == wish


def test_a_language_that_is_missing_is_said() -> None:
    cell = TEAM_EDITION.cell("setting.company.locale")
    assert cell.held
    assert "English" in cell.note


def test_room_in_teams_is_implied() -> None:
    def room(people: int) -> tuple[object, ...]:
        members = frozenset(f"p{n}" for n in range(people))
        return TEAM_EDITION.implied([TeamMembers(team="ops", members=members)])

    assert room(49) == ()
    for people, value in ((50, 100), (99, 100), (100, 200), (5000, 5100)):
        assert room(people) == (
            Setting(name="limits.people_per_team", value=value, compare=Compare.AT_LEAST),
        )
    assert TEAM_EDITION.implied([TeamMembers(team="ops")]) == ()


def test_a_fresh_server_holds_every_setting() -> None:
    fresh = {
        live.resource.name: live.resource.value
        for live in TEAM_EDITION.pristine
        if live.key.kind is Kind.SETTING
    }
    assert fresh.keys() == SETTINGS.keys()
    assert fresh["limits.people_per_team"] == 50


@pytest.mark.parametrize("edition", PLATFORM.facts(Release((11, 7), "team")).editions)
def test_every_cell_says_what_happens_and_how_it_is_known(edition: str) -> None:
    cells = PLATFORM.facts(Release((11, 7), edition)).support
    assert [name for name, cell in cells.items() if not (cell.note and cell.source)] == []


def test_of_what_a_licence_brings_the_usual_value_is_held_anyway() -> None:
    assert TEAM_EDITION.so_anyway("setting.storage.message_retention", 0)
    assert not TEAM_EDITION.so_anyway("setting.storage.message_retention", 30)
