"""What the language cannot say is left out, told, and stays on the server as it is."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops.errors import ChatopsError
from chatops.importers.draft import Draft
from chatops.importers.judging import unsayable
from chatops.importers.leaving_out import Wrong, leave_out, made_sound
from chatops.sandbox import Sandbox
from tests.cli.conftest import run
from tests.importers.conftest import ENV, Planted, do

ZERO = "\u200b"
BACKWARDS = "\u202e"
NASTY = (
    *("\u0085next", "\u00a0blank first", "blank last \u2003", "\ttab", "e\u0301", "   ", "\u2028"),
    *(f"zero{ZERO}width", f"back{BACKWARDS}wards", "bell\x07", "two\r\nlines", "c1 \x90"),
)
PINNED = ("two\r\nlines", "bell\x07", "e\u0301", "\ttab")
PEOPLE = ("ann", "ben", "cat")
BASE = """\
version: 1
company: {name: Acme}
chat: {platform: PLATFORM}
policy: {unsupported: note}
users:
  - {username: ann, name: Ann Berg, email: ann@acme.example, title: Head}
  - {username: ben, name: Ben Dahl, email: ben@acme.example, title: Driver}
  - {username: cat, name: Cat Holm, email: cat@acme.example, title: Clerk}
teams:
  - name: crew
    visibility: invite
    leads: [ann]
    members: [everyone]
    channels:
"""
CHANNELS = tuple(f"c{i:02}" for i in range(len(NASTY)))


@pytest.fixture
def made(product: str, servers: tuple[Sandbox, Sandbox], tmp_path: Path) -> Sandbox:
    """A server that a company file made."""
    folder = tmp_path / "made"
    folder.mkdir()
    rows = "".join(f"      - {{name: {c}, purpose: Known, pinned: [first]}}\n" for c in CHANNELS)
    text = BASE.replace("PLATFORM", product) + rows
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    do(folder, servers[0], "apply", "--yes")
    return servers[0]


def taken(sandbox: Sandbox, tmp_path: Path) -> tuple[Path, list[str]]:
    """The server written down: the file is sound, and neither its plan nor a run does anything."""
    folder = tmp_path / "read"
    folder.mkdir()
    answer = json.loads(do(folder, sandbox, "import", "live", "--json").out)
    assert answer["plan"]["changes"] == []
    done = run(folder, "validate", env=ENV)
    assert done.code == 0, done.err + done.out
    do(folder, sandbox, "apply", "--yes")
    return folder, answer["left_out"]


def company(folder: Path) -> dict[str, Any]:
    text = (folder / "company.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def channels(folder: Path) -> dict[str, dict[str, Any]]:
    """Those of the team `crew`, as the file has them."""
    team = next(t for t in company(folder)["teams"] if t["name"] == "crew")
    return {c["name"]: c for c in team["channels"]}


def test_a_fresh_server_plans_nothing(servers: tuple[Sandbox, Sandbox], tmp_path: Path) -> None:
    _, left = taken(servers[0], tmp_path)
    assert left == []


def test_a_text_that_would_come_back_otherwise_is_left_out(
    made: Sandbox, planted: Planted, tmp_path: Path
) -> None:
    for name, text in zip(CHANNELS, NASTY, strict=True):
        planted.channel(name, topic=text)
    before = [planted.texts(name) for name in CHANNELS]
    # Servers take some blanks away themselves.
    kept = {n for n, t, b in zip(CHANNELS, NASTY, before, strict=True) if b["topic"] == t}
    assert len(kept) >= 7
    folder, left = taken(made, tmp_path)
    assert not kept & {n for n, c in channels(folder).items() if "topic" in c}
    assert len(left) == len({line.partition(": ")[0] for line in left})
    assert {f"teams[crew].channels[{n}].topic" for n in kept} <= {
        line.partition(": ")[0] for line in left
    }
    assert {c["purpose"] for c in channels(folder).values() if "purpose" in c} == {"Known"}
    assert [planted.texts(name) for name in CHANNELS] == before


def test_pinned_messages_are_left_out_together(
    made: Sandbox, planted: Planted, tmp_path: Path
) -> None:
    for name, text in zip(CHANNELS, PINNED, strict=False):
        planted.pin(name, text)
    before = [planted.pinned(name) for name in CHANNELS]
    folder, left = taken(made, tmp_path)
    for i, name in enumerate(CHANNELS):
        there = channels(folder)[name].get("pinned")
        assert there == (None if i < len(PINNED) else ["first"])
    assert sorted(line.partition(": ")[0].partition("pinned")[0] for line in left) == [
        f"teams[crew].channels[{name}]." for name in CHANNELS[: len(PINNED)]
    ]
    assert [planted.pinned(name) for name in CHANNELS] == before


def test_titles_and_people_are_left_out_key_by_key(
    product: str, made: Sandbox, planted: Planted, tmp_path: Path
) -> None:
    titles = {"c00": "line\u2028sep", "c01": "wide\u00a0 blank", "c02": f"zero{ZERO}width"}
    for person, name in zip(PEOPLE, (f"An{ZERO}n", f"{BACKWARDS}Ben", "C\u2028H"), strict=True):
        planted.person(person, name=name)
    if product == "mattermost":
        for person, title in zip(PEOPLE, ("Head\u00a0 of all", "c1 \x90", "   "), strict=True):
            planted.person(person, title=title)
        for name, title in titles.items():
            planted.channel(name, title=title)
    before = [planted.known(p) for p in PEOPLE] + [planted.texts(c) for c in titles]
    folder, left = taken(made, tmp_path)
    table = (folder / "people.csv").read_text(encoding="utf-8").split("\n")
    assert [line.split(",")[0] for line in table[1:5]] == ["ann", "ben", "boss", "cat"]
    assert table[1].startswith("ann,,ann@acme.example")
    told = "\n".join(left)
    assert "users[ann].name: holds a sign that nobody sees (U+200B" in told
    if product == "mattermost":
        for person in PEOPLE:
            assert f"users[{person}].title: " in told
        for name in titles:
            assert "display_name" not in channels(folder)[name]
        assert "teams[crew].channels[c01].display_name: the language reads" in told
    assert [planted.known(p) for p in PEOPLE] + [planted.texts(c) for c in titles] == before


def test_what_is_wrong_takes_no_more_with_it_than_it_must(
    made: Sandbox, planted: Planted, tmp_path: Path
) -> None:
    """A company without its server's name, a list without a thing, people of another domain."""
    planted.named(f"Ac{ZERO}me")
    planted.let_in("other.example")
    names = ("builds", "cafe\u0301", f"zero{ZERO}width", "weather")
    for channel, name in zip(CHANNELS, names, strict=False):
        planted.hook(name, channel)
    folder, left = taken(made, tmp_path)
    read = company(folder)
    assert read["company"]["name"] == "Company"
    assert read["ignore"] == ["setting:company.name"]
    assert planted.named() == f"Ac{ZERO}me"
    hooks = read["integrations"]["incoming_webhooks"]
    assert [x["name"] for x in hooks] == ["builds", "weather"]
    assert len([line for line in left if "incoming_webhooks[" in line]) == 2
    assert "ann@acme.example" in (folder / "people.csv").read_text(encoding="utf-8")
    for key in ("company.name", "sign_in.email_domains"):
        assert len([line for line in left if line.startswith(f"{key}: ")]) == 1


@pytest.mark.parametrize("product", ["rocketchat"], indirect=True)
def test_who_and_what_has_no_sound_name_is_left_out_with_all_that_names_it(
    made: Sandbox, planted: Planted, tmp_path: Path
) -> None:
    """Where names may have letters of every alphabet. The \u0430 below is a Cyrillic one."""
    for what in ("UTF8_User_Names_Validation", "UTF8_Channel_Names_Validation"):
        planted.ok("POST", f"/settings/{what}", {"value": "[^ ]+"})
    person = {"username": "d\u0430n", "name": "Dan", "email": "dan@acme.example"}
    planted.ok("POST", "/users.create", {**person, "password": "A-long-password-1!"})
    dan = planted.ok("GET", "/users.info", username=person["username"])["user"]["_id"]
    members = [{"userId": dan, "roles": ["owner"]}]
    planted.ok("POST", "/teams.addMembers", {"teamName": "crew", "members": members})
    planted.hook("builds", "c01")
    planted.hook("weather", "c02")
    planted.channel("c01", title="w\u0430ges")
    planted.channel("c03", title="Wages")
    planted.ok("POST", "/teams.create", {"name": "Spr\u00fcche", "type": 0, "members": ["ann"]})
    folder, left = taken(made, tmp_path)
    table = (folder / "people.csv").read_text(encoding="utf-8")
    assert (
        "d\u0430n"
        not in table + (folder / "company.yaml").read_text("utf-8").partition("# What")[0]
    )
    assert "Spr" not in table
    assert [t["name"] for t in company(folder)["teams"]] == ["crew"]
    assert len(channels(folder)) == len(CHANNELS) - 1
    assert [x["name"] for x in company(folder)["integrations"]["incoming_webhooks"]] == ["weather"]
    assert len(left) == 4


def draft() -> Draft:
    """A small one, with something wrong in it."""
    crew = {
        "name": "crew",
        "channels": [
            {"name": "No Slug", "display_name": "\x07", "members": ["ann"]},
            {"name": "two", "display_name": "Two", "members": ["ann", "ben"]},
        ],
    }
    hook = {"name": "h", "channel": "crew/two", "trigger_words": ["a", "\x07"], "url": "https://x"}
    emoji = [{"name": "../up", "file": "emoji/../up.png"}, {"name": "ok", "file": "emoji/ok.png"}]
    data = {
        "version": 1,
        "company": {"name": "Acme"},
        "chat": {"platform": "mattermost"},
        "users": [{"from": "people.csv"}],
        "teams": [crew],
        "integrations": {"outgoing_webhooks": [hook], "emoji": emoji},
    }
    people = [{"username": "ann", "name": "Ann"}, {"username": "ben", "locale": "?"}]
    pictures = {"emoji/../up.png": b"1", "emoji/ok.png": b"2"}
    return Draft(data=data, people=people, pictures=pictures)


def test_only_what_is_wrong_is_taken_out() -> None:
    found = made_sound(draft(), (unsayable,))
    assert found.people == [{"username": "ann", "name": "Ann"}, {"username": "ben"}]
    two = {"name": "two", "display_name": "Two", "members": ["ann", "ben"]}
    assert found.data["teams"] == [{"name": "crew", "channels": [two]}]
    # Without one of its words a webhook would listen to less than it does.
    assert found.data["integrations"] == {"emoji": [{"name": "ok", "file": "emoji/ok.png"}]}
    assert list(found.pictures) == ["emoji/ok.png"]


def test_what_follows_from_a_thing_left_out_is_not_told_again() -> None:
    members = ("teams", 0, "channels", 1, "members")
    wrong = [Wrong(place=(*members, i), why="no user named x", follows=True) for i in (0, 1)]
    found = leave_out(draft(), wrong)
    assert "members" not in found.data["teams"][0]["channels"][1]
    assert found.left_out == []


@pytest.mark.parametrize("place", [(), ("chat",), ("chat", "platform"), ("version",)])
def test_what_cannot_be_left_out_ends_the_work(place: tuple[str, ...]) -> None:
    with pytest.raises(ChatopsError, match=r"nothing is written: .*: it is wrong"):
        made_sound(draft(), (lambda draft: [Wrong(place=place, why="it is wrong")],))
