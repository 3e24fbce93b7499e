"""A plan can be saved, read back, and tells when it was touched. It holds no secret."""

import json
from dataclasses import replace

import pytest

from chatops.core.diff import Observed
from chatops.core.holding import hold
from chatops.core.plan import PlanView
from chatops.core.planner import Frame, make_plan
from chatops.core.reading import Reading
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
    again = PlanView.from_json(text, "p.json")
    assert again == view
    assert again.digest == view.digest


def test_a_touched_plan_is_refused(view: PlanView) -> None:
    body = view.to_json()
    body["changes"][0]["name"] = "eve"
    with pytest.raises(UsageError, match="was changed after it was saved"):
        PlanView.from_json(json.dumps(body), "p.json")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 1}', "\x00", '{"format": 2}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        PlanView.from_json(text, "p.json")


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
