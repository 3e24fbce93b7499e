"""Each kind of write meets a fault once, in one apply: all is done all the same, nothing twice."""

import pytest

from chatops.core.events import Outcome
from chatops.core.reading import observe
from chatops.platforms.registry import platforms
from chatops.resources import Kind, PinnedMessages
from chatops.sandbox import Fault
from tests.contract.cases.story import ANN, BEN, QUIET, person
from tests.contract.test_faults import fault_of, outcomes
from tests.contract.world import World, world

COMPANY = (
    QUIET
    + "storage: {message_retention: 90d}\n"
    + "sign_in: {oidc: {issuer: 'https://sso.contract.example', client_id: chat}}\n"
    + "roles: [{name: member, may: [emoji.create], may_not: [post.mention_all]}]\n"
    + "users:\n"
    + ANN
    + BEN
    + person("cat", picture="pictures/green.png")
    + "teams:\n  - name: team-{t}\n    visibility: invite\n    leads: [ann-{t}]\n    channels:\n"
    + "      - {name: one-{t}, posting: leads, default: true, leads: [ben-{t}]}\n"
    + "      - {name: two-{t}, private: true, members: [cat-{t}], leads: [ann-{t}], "
    + "pinned: [Read me, And me]}\n"
    + "direct_messages: [{members: [ann-{t}, ben-{t}]}, {members: [ann-{t}, ben-{t}, cat-{t}]}]\n"
)

WRITES = {
    "mattermost": (),
    "rocketchat": (
        "/api/v1/settings.addCustomOAuth",
        "/api/v1/settings/RetentionPolicy_TTL_Groups",
        "/api/v1/permissions.update",
        "/api/v1/users.setAvatar",
        "/api/v1/channels.addModerator",
        "/api/v1/groups.addModerator",
        "/api/v1/teams.updateRoom",
        "/api/v1/chat.sendMessage",
        "/api/v1/chat.pinMessage",
        "/api/v1/im.create",
    ),
}
"""Where each product writes what is no person, team or channel by itself."""
EVERY = pytest.mark.parametrize(
    "fresh", [name for name in sorted(platforms()) if WRITES[name]], indirect=True
)


@EVERY
@pytest.mark.parametrize("fault", ["429", "500", "cut", "cut_after"])
def test_a_fault_at_each_write_is_got_over(fresh: World, fault: str) -> None:
    assert fresh.sandbox is not None
    planned = fresh.plan(COMPANY)
    for path in WRITES[fresh.platform.name]:
        fresh.sandbox.faults.add(Fault(method="POST", path=path, times=1, **fault_of(fault)))
    events = fresh.apply(planned)
    wrong = [e for e in events if e.outcome is not Outcome.DONE]
    assert not wrong, wrong
    assert fresh.sandbox.faults.pending() == [], "every write was met"
    fresh.settled(COMPANY)
    planned = fresh.plan(COMPANY)
    assert planned.server is not None
    found = observe(planned.company.desired, planned.company.facts, planned.server)
    pinned = [x for x in found.observed.live.values() if x.key.kind is Kind.PINNED]
    assert [sorted(x.resource.texts) for x in pinned] == [["And me", "Read me"]]


@EVERY
def test_writes_that_stay_broken_fail_alone_and_the_next_run_finishes(fresh: World) -> None:
    assert fresh.sandbox is not None
    planned = fresh.plan(COMPANY)
    for path in WRITES[fresh.platform.name]:
        fresh.sandbox.faults.add(Fault(method="POST", path=path, times=99, **fault_of("500")))
    events = fresh.apply(planned)
    got = outcomes(events)
    t = fresh.tag
    assert got[f"user:ann-{t}"] is Outcome.DONE
    assert got[f"team:team-{t}"] is Outcome.DONE
    for key in ("role:member", f"pinned:team-{t}/two-{t}", f"direct-message:ann-{t}+ben-{t}"):
        assert got[key] is Outcome.FAILED, key
    assert all(e.problem and e.problem.message for e in events if e.outcome is Outcome.FAILED)
    fresh.sandbox.faults.clear()
    fresh.make(COMPANY)


def test_a_server_that_takes_no_messages_says_why() -> None:
    """A Rocket.Chat without a licence that never reached its vendor's cloud."""
    text = QUIET + "teams:\n  - name: team-{t}\n    channels: [{name: a-{t}, pinned: [Read me]}]\n"
    with world("rocketchat", air_gapped=True) as cut_off:
        events = cut_off.apply(cut_off.plan(text))
        (failed,) = [e for e in events if e.outcome is not Outcome.DONE]
    assert isinstance(failed.change.want, PinnedMessages)
    assert failed.outcome is Outcome.FAILED
    assert failed.problem is not None
    assert "has not reached the vendor's cloud" in failed.problem.message
    assert "register the workspace" in failed.problem.hint
