"""The language as it is told: every key with what it is, an example, and where it is held."""

import json
from pathlib import Path

import pytest
import yaml

from chatops.core.features import feature_of_key
from chatops.spec import load
from chatops.spec.language import EXAMPLE, every_key, example_of
from chatops.spec.models import Spec
from tests.cli.conftest import run
from tests.test_docs import spec_keys

KEYS = every_key()


def test_it_is_the_language_of_the_models() -> None:
    schema = Spec.model_json_schema()
    assert [k for k in KEYS if k != "users[].from"] == [*dict.fromkeys(spec_keys(schema, schema))]


@pytest.mark.parametrize("path", KEYS)
def test_every_key_is_told_whole(path: str) -> None:
    key = KEYS[path]
    assert key.what.endswith((".", '".', ").")), key.what
    assert key.takes
    example = example_of(path)
    assert example is not None
    for name in key.below:
        assert f"{key.inside}.{name}" in KEYS
    if key.choices:
        said = example if isinstance(example, list) else [example]
        assert set(map(str, said)) <= set(key.choices)


def test_the_example_has_nothing_that_is_no_key(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams/it.yaml").write_text("teams: [{name: it}]\n")
    (tmp_path / "people.csv").write_text("username\nbo\n")
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "company.yaml").warnings == ()
    values = yaml.safe_load(text)
    assert all(feature_of_key(k) is None or isinstance(feature_of_key(k), str) for k in KEYS)
    assert isinstance(values, dict)


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("teams.channels.posting", "teams[].channels[].posting"),
        ("teams[].channels[].posting", "teams[].channels[].posting"),
        ("teams[3].channels[0].posting", "teams[].channels[].posting"),
        ("posting", "teams[].channels[].posting"),
        ("smtp", "smtp"),
        ("users.from", "users[].from"),
        ("include", "include"),
        ("Users", "users"),
        ("user", "users"),
        ("team", "teams"),
        ("Posting", "teams[].channels[].posting"),
        ("webhook", "integrations.incoming_webhooks"),
        ("slash-command", "integrations.slash_commands"),
        ("live_chat.department.agent", "live_chat.departments[].agents"),
    ],
)
def test_a_key_is_found(word: str, path: str, tmp_path: Path) -> None:
    done = run(tmp_path, "explain", word)
    assert (done.code, done.out.splitlines()[0]) == (0, path)
    body = json.loads(run(tmp_path, "explain", word, "--json").out)
    assert (body["key"], body["what"], body["example"]) == (
        path,
        KEYS[path].what,
        example_of(path),
    )


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("toppic", "hint: did you mean `teams.channels.topic`?"),
        ("teams.chanels", "hint: did you mean `teams.channels`?"),
        (
            "teams.channels.header",
            "hint: Mattermost's header is called `topic` here: "
            "`chatops explain teams.channels.topic`",
        ),
        ("header", "hint: that may be `teams.description`, `teams.channels.topic`"),
        ("members", "hint: say which: groups.members, teams.members, teams.channels.members, "),
        ("member", "hint: say which: groups.members, teams.members, teams.channels.members, "),
        ("qqq", "hint: `chatops explain` lists the top of the file"),
    ],
)
def test_a_near_miss(word: str, said: str, tmp_path: Path) -> None:
    done = run(tmp_path, "explain", word)
    assert done.code == 2
    assert said in done.err


def test_the_top_alone(tmp_path: Path) -> None:
    done = run(tmp_path, "explain")
    assert done.code == 0
    tops = [path for path in KEYS if "." not in path]
    assert [line.split()[0] for line in done.out.splitlines()[3:] if line[2] != " "] == tops
    assert [key["key"] for key in json.loads(run(tmp_path, "explain", "--json").out)] == tops


def test_what_a_platform_lacks_is_said(tmp_path: Path) -> None:
    text = " ".join(run(tmp_path, "explain", "users.title").out.split())
    assert "rocketchat 8.9 community, starter, pro, enterprise: no" in text
    assert "Rocket.Chat has no title on a person; it is left out" in text
    text = run(tmp_path, "explain", "smtp.host").out
    assert "mattermost and rocketchat hold it, in every edition" in text
    text = run(tmp_path, "explain", "backup").out
    assert "chatops itself or the installation heeds it" in text


@pytest.mark.parametrize("word", ["users.from", "users.teams", "users.roles"])
def test_what_parts_several_in_a_cell_is_said(word: str, tmp_path: Path) -> None:
    assert "|" in run(tmp_path, "explain", word).out


def test_hours_are_shown_as_they_are_to_be_written(tmp_path: Path) -> None:
    assert 'monday-friday: "08:00-16:00"' in run(tmp_path, "explain", "live_chat.hours").out
