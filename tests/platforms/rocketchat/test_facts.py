"""What the product can hold, said without a server."""

import re

import pytest

from chatops.platforms.base import (
    Can,
    Cap,
    Length,
    Namespace,
    Pattern,
    Platform,
    Release,
    Reserved,
)
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.settings import TABLE
from chatops.resources import Channel, Kind, Setting, Team, User

COMMUNITY = PLATFORM.facts(Release((8, 9), "community"))


def _patterns(kind: Kind, field: str) -> list[Pattern]:
    rules = [rule for rule in COMMUNITY.rules if isinstance(rule, Pattern)]
    return [rule for rule in rules if (rule.kind, rule.field) == (kind, field)]


def test_it_is_a_platform() -> None:
    platform: Platform = PLATFORM
    assert (platform.name, platform.default_edition) == ("rocketchat", "community")
    assert platform.default_version == "8.9"


@pytest.mark.parametrize(
    ("feature", "can"),
    [
        ("user.title", Can.NO),
        ("team.display_name", Can.NO),
        ("channel.display_name", Can.NO),
        ("team.archived", Can.EMULATED),
        ("role.guest", Can.YES),
        ("user.locale", Can.NO),
        ("user.timezone", Can.NO),
        ("user.picture", Can.YES),
        ("onboarding.sso", Can.YES),
        ("onboarding.mail", Can.YES),
        ("onboarding.file", Can.YES),
        ("team.rename", Can.YES),
        ("channel.rename", Can.YES),
        ("user.rename", Can.YES),
        ("channel.topic", Can.YES),
        ("setting.limits.people_per_team", Can.NO),
    ],
)
def test_support(feature: str, can: Can) -> None:
    assert COMMUNITY.cell(feature).can is can


@pytest.mark.parametrize("way", ["ldap", "oidc", "saml"])
@pytest.mark.parametrize(
    ("version", "edition", "can"),
    [
        ((8, 9), "community", Can.YES),
        ((9, 0), "community", Can.PAID),
        ((9, 0), "starter", Can.PAID),
        ((9, 0), "enterprise", Can.YES),
    ],
)
def test_ways_in_are_paid_for_from_9_on(
    way: str, version: tuple[int, ...], edition: str, can: Can
) -> None:
    facts = PLATFORM.facts(Release(version, edition))
    assert facts.cell(f"setting.sign_in.{way}.label").can is can


def test_a_provider_is_asked_for_a_mail_address_unless_the_file_says_otherwise() -> None:
    asked = [Setting(name="sign_in.oidc.enabled", value=True)]
    (scopes,) = COMMUNITY.implied(asked)
    assert (scopes.name, scopes.value) == ("sign_in.oidc.scopes", ("openid", "profile", "email"))
    assert COMMUNITY.implied([]) == ()


def test_every_cell_that_is_no_plain_yes_tells_what_happens_instead() -> None:
    assert all(cell.note for cell in COMMUNITY.support.values())


@pytest.mark.parametrize(
    ("version", "edition", "can"),
    [
        ((8, 9), "community", Can.YES),
        ((9, 0), "community", Can.PAID),
        ((9, 0), "starter", Can.PAID),
        ((9, 0), "pro", Can.YES),
    ],
)
def test_single_sign_on_is_paid_for_from_9_on(
    version: tuple[int, ...], edition: str, can: Can
) -> None:
    assert PLATFORM.facts(Release(version, edition)).cell("onboarding.sso").can is can


@pytest.mark.parametrize("kind", [Kind.TEAM, Kind.CHANNEL])
@pytest.mark.parametrize("name", ["dispatch", "a.b-c_d", "x", "2024"])
def test_good_names(kind: Kind, name: str) -> None:
    assert all(re.fullmatch(rule.regex, name) for rule in _patterns(kind, "name"))


@pytest.mark.parametrize("name", ["Has-Capitals", "with space", "größe", "a/b", "", "#x"])
def test_names_that_the_server_would_refuse(name: str) -> None:
    for kind, field in ((Kind.USER, "username"), (Kind.TEAM, "name"), (Kind.CHANNEL, "name")):
        assert not all(re.fullmatch(rule.regex, name) for rule in _patterns(kind, field))


def test_one_space_of_names_for_the_whole_server() -> None:
    spaces = [rule for rule in COMMUNITY.rules if isinstance(rule, Namespace)]
    assert [(rule.kinds, rule.per_team) for rule in spaces] == [
        (frozenset({Kind.USER, Kind.TEAM, Kind.CHANNEL, Kind.BOT}), False)
    ]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (Kind.USER, "all"),
        (Kind.USER, "here"),
        (Kind.USER, "admin"),
        (Kind.USER, "rocket.cat"),
        (Kind.TEAM, "general"),
        (Kind.CHANNEL, "general"),
    ],
)
def test_reserved_words(kind: Kind, word: str) -> None:
    assert any(
        word in rule.words
        for rule in COMMUNITY.rules
        if isinstance(rule, Reserved) and rule.kind is kind
    )


def test_only_starter_has_a_number_of_seats() -> None:
    def caps(edition: str) -> list[int]:
        rules = PLATFORM.facts(Release((8, 9), edition)).rules
        return [r.most for r in rules if isinstance(r, Cap) and r.kind is Kind.USER]

    assert (caps("community"), caps("starter"), caps("enterprise")) == ([], [50], [])


def test_only_without_a_licence_there_is_one_department() -> None:
    def caps(edition: str) -> list[int]:
        rules = PLATFORM.facts(Release((8, 9), edition)).rules
        return [r.most for r in rules if isinstance(r, Cap) and r.kind is Kind.DEPARTMENT]

    assert (caps("community"), caps("starter"), caps("enterprise")) == ([1], [], [])


def test_no_length_below_what_the_server_was_seen_to_take() -> None:
    lengths = [rule for rule in COMMUNITY.rules if isinstance(rule, Length)]
    assert all(rule.most >= 300 for rule in lengths if rule.field in ("username", "name"))


@pytest.mark.parametrize(
    ("version", "word"),
    [((9, 0, 0), ""), ((8, 0), ""), ((7, 10), "older"), ((6, 5, 3), "upgrade"), ((10, 0), "newer")],
)
def test_remarks_on_versions(version: tuple[int, ...], word: str) -> None:
    remarks = PLATFORM.facts(Release(version, "community")).remarks
    assert bool(remarks) is bool(word)
    assert word in " ".join(remarks)


def test_normalizing_twice_is_normalizing_once_and_leaves_the_key() -> None:
    wild = [
        User(username="ida", name="  Ida   Holm ", email=" IDA@Nordlys.Example "),
        Team(name="ops", description=" Trucks "),
        Channel(team="ops", name="dispatch", topic=" On duty: 112 ", purpose="x"),
        Setting(name="company.locale", value="vi"),
        Setting(name="company.locale", value="da_DK"),
        Setting(name="sign_in.email_domains", value=("b.example", "A.example")),
    ]
    for resource in wild:
        once = COMMUNITY.normalize[resource.kind](resource)
        assert COMMUNITY.normalize[resource.kind](once) == once
        assert once.key == resource.key


def test_locales_become_the_servers_own_names() -> None:
    normalize = COMMUNITY.normalize[Kind.SETTING]
    values = {
        given: normalize(Setting(name="company.locale", value=given)).value
        for given in ("da", "da_DK", "vi", "pt-br", "zh-CN", "tlh")
    }
    assert values == {
        "da": "da",
        "da_DK": "da",
        "vi": "vi-VN",
        "pt-br": "pt-BR",
        "zh-CN": "zh",
        "tlh": "tlh",
    }


@pytest.mark.parametrize(("locale", "fits"), [("da", True), ("vi-VN", True), ("tlh", False)])
def test_only_languages_that_there_are(locale: str, fits: bool) -> None:
    (rule,) = _patterns(Kind.SETTING, "company.locale")
    assert (re.fullmatch(rule.regex, locale) is not None) is fits


def test_a_fresh_server_holds_the_bot_and_every_setting() -> None:
    bots = [live for live in COMMUNITY.pristine if live.key.kind is Kind.USER]
    assert [(live.resource.username, live.protected) for live in bots] == [("rocket.cat", True)]
    settings = {live.key.name for live in COMMUNITY.pristine if live.key.kind is Kind.SETTING}
    assert settings == set(TABLE)
