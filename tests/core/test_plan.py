"""A plan can be saved, read back, and tells when it was touched. It holds no secret."""

import json
from dataclasses import replace

import pytest

from chatops.core.diff import Observed
from chatops.core.holding import hold
from chatops.core.plan import PlanView
from chatops.core.planner import Frame, make_plan
from chatops.core.reading import Reading
from chatops.core.saved import read_saved
from chatops.errors import UsageError
from chatops.platforms.base import Release
from chatops.resources import Ids
from chatops.secrets import Secret
from chatops.ui import plan_text
from tests.core.build import (
    company,
    facts,
    person,
    there_channel,
    there_setting,
    there_team,
    there_user,
)


def plan_of(desired, *there):
    reading = Reading(
        observed=Observed(live={x.key.folded: x for x in there}, me="root"),
        ids=Ids(),
        moving={},
        wrong=(),
        held=tuple(hold(r, facts()) for r in desired.resources),
    )
    frame = Frame(platform="toy", url="https://chat.acme.example", environment="e", spec="c.yaml")
    return make_plan(desired, reading, frame, Release((1, 0), "free"))


@pytest.fixture
def view() -> PlanView:
    desired = company(
        users=[person("ann"), person("bob", active=False)],
        teams=[{"name": "eng", "channels": [{"name": "ops", "topic": "b", "members": ["ann"]}]}],
    )
    return plan_of(
        desired,
        there_setting("company.name", "Acme"),
        there_user("bob"),
        there_team("eng"),
        there_channel("eng", "ops", topic="a\x1b[31m"),
        there_channel("eng", "random"),
    ).view


def test_the_printed_plan(view: PlanView) -> None:
    assert plan_text(view) == (
        "toy 1.0 (free) at https://chat.acme.example\n"
        "  + user ann            ann@acme.example\n"
        "  - user bob            deactivate\n"
        "  + team-members eng    +1 (ann)\n"
        '  ~ channel eng/ops     topic: "a\\u001b[31m" → "b"\n'
        "  + members eng/ops     +1 (ann)\n"
        "  ! team-members eng    1 of them because they are in one of its channels: ann\n"
        "  ? channel eng/random  on the server, not in the file\n"
        "Plan: 3 to create, 1 to update, 1 to deactivate, 2 unchanged"
    )


def test_saved_and_read_back_is_the_same(view: PlanView) -> None:
    text = json.dumps(view.to_json())
    again = read_saved(text, "p.json")
    assert again == view
    assert again.digest == view.digest


def test_a_touched_plan_is_refused(view: PlanView) -> None:
    body = view.to_json()
    body["changes"][0]["name"] = "eve"
    with pytest.raises(UsageError, match="was changed after it was saved"):
        read_saved(json.dumps(body), "p.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("release", "9.9"),
        ("edition", "enterprise"),
        ("spec", "other.yaml"),
        ("notes", []),
        ("refusals", ["because"]),
        ("unchanged", 4711),
        ("allow_removals", True),
        ("digest", "0" * 64),
        ("checksum", "0" * 64),
        ("summary", {}),
        ("more", "of it"),
    ],
)
def test_nothing_that_is_shown_can_be_touched(view: PlanView, key: str, value: object) -> None:
    body = view.to_json() | {key: value}
    with pytest.raises(UsageError, match="was changed after it was saved"):
        read_saved(json.dumps(body), "p.json")


def test_the_place_of_a_change_cannot_be_touched(view: PlanView) -> None:
    body = view.to_json()
    body["changes"][0]["place"] = "company.yaml:1"
    with pytest.raises(UsageError, match="was changed after it was saved"):
        read_saved(json.dumps(body), "p.json")


NO_PLANS = ["", "{}", "[]", "null", "7", "\x00", '{"format": 2}', '{"format": true}', "[" * 100_000]


@pytest.mark.parametrize("text", [*NO_PLANS, '{"format":2,"changes":' + "[" * 100_000], ids=repr)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"p\.json is not a saved plan"):
        read_saved(text, "p.json")


def test_a_plan_of_another_version_is_refused(view: PlanView) -> None:
    for number in (1, 3):
        text = json.dumps(view.to_json() | {"format": number})
        with pytest.raises(UsageError, match="was saved by another version of chatops"):
            read_saved(text, "p.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("refusals", [5]),
        ("refusals", "no"),
        ("spec", 7),
        ("release", None),
        ("unchanged", "5"),
        ("unchanged", True),
        ("allow_removals", 1),
        ("only", {}),
        ("notes", [{"kind": "kept", "message": 3, "key": ""}]),
        ("notes", [{"kind": "odd", "message": "", "key": ""}]),
        ("changes", [[]]),
        ("changes", {"a": 1}),
        ("word", "::error::"),
        ("fields", [{"name": "topic", "old": {}, "new": "", "added": [], "removed": []}]),
        ("fields", [{"name": "topic", "old": [[]], "new": "", "added": [], "removed": []}]),
        ("fields", [{"name": "topic"}]),
    ],
)
def test_what_is_of_another_type_is_no_plan(view: PlanView, key: str, value: object) -> None:
    body = view.to_json()
    (body if key in body else body["changes"][0])[key] = value
    with pytest.raises(UsageError, match=r"p\.json is not a saved plan"):
        read_saved(json.dumps(body), "p.json")


def test_no_text_of_a_server_begins_a_line(view: PlanView) -> None:
    odd = "1\n::error::pwn\x1b[2J"
    change = replace(view.changes[0], place=odd, renamed_from=odd)
    odd_view = replace(
        view, release=odd, edition=odd, url=odd, refusals=(odd,), changes=(change,), notes=()
    )
    shown = plan_text(odd_view)
    assert len(shown.split("\n")) == 4
    assert not any(line.startswith("::") for line in shown.split("\n"))
    assert "\x1b" not in shown
    assert "1\\u000a::error::pwn" in shown


def test_half_a_letter_of_a_server_is_no_fault(view: PlanView) -> None:
    assert replace(view, release="\ud800").to_json()["checksum"]


def test_the_digest_follows_what_would_be_done(view: PlanView) -> None:
    assert replace(view, notes=()).digest == view.digest
    assert replace(view, changes=view.changes[1:]).digest != view.digest
    assert replace(view, url="https://other.example").digest != view.digest
    moved = tuple(replace(change, place="company.yaml:999") for change in view.changes)
    assert replace(view, changes=moved).digest == view.digest, "only lines of the file moved"


def test_no_secret_is_in_a_plan() -> None:
    desired = company(users=[person("ann")])
    secret = Secret("canary-password")
    desired = replace(
        desired,
        resources=tuple(
            replace(r, password=secret) if r.kind == "user" else replace(r, value=secret)
            for r in desired.resources
        ),
    )
    plan = plan_of(desired, there_setting("company.name", "Acme"))
    for text in (json.dumps(plan.view.to_json()), plan_text(plan.view), repr(plan)):
        assert "canary" not in text
    assert "(hidden)" in plan_text(plan.view)
