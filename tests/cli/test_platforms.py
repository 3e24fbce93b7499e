"""The verb `platforms`, as a person and a program read it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatops import support
from chatops.core.features import FEATURES, feature_of_key
from chatops.errors import UsageError
from chatops.platforms.base import Can
from chatops.platforms.registry import platforms
from chatops.spec.keys import known_keys
from tests.cli.conftest import Done, run

Chatops = Callable[..., Done]


@pytest.fixture
def chatops(tmp_path: Path) -> Chatops:
    return lambda *words: run(tmp_path, *words, env={})


def test_the_table_names_every_edition(chatops: Chatops) -> None:
    done = chatops("platforms", "--all")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "mattermost 11.7" in lines[0]
    assert "rocketchat 8.9" in lines[0]
    assert lines[1].split() == [c.edition for c in support.columns(platforms().values())]
    assert {line.split()[0] for line in lines[2:]} >= set(FEATURES)


def test_a_key_of_the_file_leads_to_its_feature(chatops: Chatops) -> None:
    for word in ("team.display_name", "teams.display_name", "teams[3].display_name"):
        done = chatops("platforms", word, "--platform", "rocketchat", "--edition", "community")
        assert done.code == 0
        assert done.out.splitlines()[0] == "team.display_name"
        assert "Rocket.Chat shows a team under its name" in done.out


def test_a_block_leads_to_all_that_is_below_it(chatops: Chatops) -> None:
    done = chatops("platforms", "sign_in", "--platform", "rocketchat")
    assert done.code == 0
    features = {line for line in done.out.splitlines() if not line.startswith(" ")}
    assert {"setting.sign_in.self_registration", "onboarding.mail"} <= features
    assert chatops("platforms", "teams.channels").out == chatops("platforms", "channel").out


def test_a_key_that_asks_nothing_of_a_platform_says_so(chatops: Chatops) -> None:
    done = chatops("platforms", "company.domain")
    assert done.code == 0
    assert "chatops itself or the installation heeds it" in done.out
    assert json.loads(chatops("platforms", "company.domain", "--json").out) == []


def test_a_limit_is_told_as_its_number(chatops: Chatops) -> None:
    done = chatops("platforms", "department", "--platform", "rocketchat")
    assert "  rocketchat 8.9 community: ≤ 1\n" in done.out


def test_as_json_each_cell_is_an_object(chatops: Chatops) -> None:
    done = chatops("platforms", "team.rename", "--platform", "mattermost", "--json")
    cells = json.loads(done.out)
    assert {c["edition"] for c in cells} == {"team", "entry", "professional", "enterprise"}
    assert {c["can"] for c in cells} == {"no"}
    assert all(c["note"] for c in cells)


def test_what_is_not_there_is_said(chatops: Chatops) -> None:
    for words, text in (
        (("platforms", "channl"), "did you mean `channel`?"),
        (("platforms", "--platform", "slack"), "there are: mattermost, rocketchat"),
        (("platforms", "--edition", "gold"), "there are: team"),
        (("platforms", "--version", "11.7"), "say --platform as well"),
    ):
        done = chatops(*words)
        assert done.code == 2
        assert text in done.err


def test_every_key_has_a_feature_or_none_on_purpose() -> None:
    table = support.rows(support.columns(platforms().values()))
    named = {r.feature for r in table} | {r.feature.partition(".")[0] for r in table}
    blocks = ("users[]", "teams[]", "teams[].channels[]", "live_chat.departments[]")
    ours = {"from", "username", "name", "channels", "renamed_from", "roles", "teams"}
    for block in blocks:
        for key in known_keys(block) - ours:
            feature = feature_of_key(f"{block}.{key}")
            assert feature in named, (block, key, feature)


@pytest.mark.parametrize("name", sorted(platforms()))
def test_every_version_has_a_table(name: str) -> None:
    platform = platforms()[name]
    assert platform.default_version in platform.versions
    for version in platform.versions:
        shown = support.columns([platform], version=version)
        for row in support.rows(shown):
            for cell in row.cells:
                assert cell.note or cell.can is Can.YES, (version, row.feature)


def test_a_feature_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(UsageError):
        support.find("nothing.at.all", support.columns(platforms().values()))


@pytest.mark.parametrize("word", ["posting", "Posting", "teams.channels.posting"])
def test_a_last_word_is_enough(word: str, chatops: Chatops) -> None:
    whole = chatops("platforms", "channel.posting")
    assert whole.code == 0
    assert chatops("platforms", word).out == whole.out


def test_a_word_of_several_keys_is_asked_back(chatops: Chatops) -> None:
    done = chatops("platforms", "leads")
    assert (done.code, "say which: teams.leads, teams.channels.leads" in done.err) == (2, True)
