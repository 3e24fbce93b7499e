"""What goes wrong on the way: nothing is doubled, what can go on goes on, the next run finishes."""

import threading
from dataclasses import replace

import pytest

from chatops.core.events import Event, Outcome
from chatops.deploy import flow
from chatops.errors import ApiError, CredentialError, UnreachableError
from chatops.platforms.base import Action, Change, Credential, Run
from chatops.platforms.registry import platforms
from chatops.resources import Ids, Key, Kind
from chatops.sandbox import Fault
from chatops.secrets import Secret
from tests.contract.cases.story import CHANNELS, PEOPLE, QUIET
from tests.contract.world import World

COMPANY = (
    QUIET
    + PEOPLE
    + CHANNELS
    + "      - {name: one-{t}, topic: T, members: [everyone]}\n"
    + "      - {name: two-{t}, private: true, members: [ann-{t}]}\n"
)
EVERY = pytest.mark.parametrize("fresh", sorted(platforms()), indirect=True)

CREATES = {
    "mattermost": {
        Kind.USER: "/api/v4/users",
        Kind.TEAM: "/api/v4/teams",
        Kind.CHANNEL: "/api/v4/channels",
    },
    "rocketchat": {
        Kind.USER: "/api/v1/users.create",
        Kind.TEAM: "/api/v1/teams.create",
        Kind.CHANNEL: "/api/v1/*s.create",
    },
}
"""Where each product makes things: the faults are laid there."""


def outcomes(events: list[Event]) -> dict[str, Outcome]:
    return {str(e.change.key): e.outcome for e in events}


def count(world: World, kind: Kind) -> int:
    """How many live things of ours there are, counted from a listing."""
    server = world.connect()
    planned = world.plan(COMPANY)
    found = server.handlers[kind].read(None, planned.reading.ids)
    return sum(world.tag in x.key.name and not x.protected for x in found)


@EVERY
@pytest.mark.parametrize("kind", [Kind.USER, Kind.TEAM, Kind.CHANNEL])
@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "cut_after"])
def test_a_fault_at_a_create_doubles_nothing(fresh: World, kind: Kind, fault: str) -> None:
    assert fresh.sandbox is not None
    path = CREATES[fresh.platform.name][kind]
    planned = fresh.plan(COMPANY)
    fresh.sandbox.faults.add(Fault(method="POST", path=path, times=1, **fault_of(fault)))
    events = fresh.apply(planned)
    assert all(e.outcome is Outcome.DONE for e in events), [
        e for e in events if e.outcome is not Outcome.DONE
    ]
    fresh.settled(COMPANY)
    assert count(fresh, kind) == {Kind.USER: 3, Kind.TEAM: 1, Kind.CHANNEL: 2}[kind]


def fault_of(name: str) -> dict:
    if name.isdigit():
        return {"status": int(name)}
    return {"kind": name}


@EVERY
def test_a_server_that_stays_broken_fails_what_it_must_and_no_more(fresh: World) -> None:
    assert fresh.sandbox is not None
    path = CREATES[fresh.platform.name][Kind.TEAM]
    planned = fresh.plan(COMPANY)
    fresh.sandbox.faults.add(Fault(method="POST", path=path, times=50, **fault_of("500")))
    got = outcomes(fresh.apply(planned))
    t = fresh.tag
    assert got[f"team:team-{t}"] is Outcome.FAILED
    assert got[f"user:ann-{t}"] is Outcome.DONE
    for key in (
        f"channel:team-{t}/one-{t}",
        f"team-members:team-{t}",
        f"members:team-{t}/two-{t}",
    ):
        assert got[key] is Outcome.BLOCKED, key
    fresh.sandbox.faults.clear()
    fresh.make(COMPANY)


@EVERY
def test_one_person_who_fails_stops_no_team(fresh: World) -> None:
    assert fresh.sandbox is not None
    planned = fresh.plan(COMPANY)
    server = planned.server
    assert server is not None
    # Somebody else takes Ben's address between the plan and its apply.
    ben = next(c.want for c in planned.plan.changes if c.key.name.startswith("ben-"))
    taken = type(ben)(
        username=f"other-{fresh.tag}",
        name="Other",
        email=ben.email,
        password=Secret("Other-person-1!x"),
    )
    server.handlers[Kind.USER].create(taken, Run(ids=planned.reading.ids))
    got = outcomes(fresh.apply(planned))
    t = fresh.tag
    assert got[f"user:ben-{t}"] is Outcome.FAILED
    assert got[f"team-members:team-{t}"] is Outcome.PARTLY
    assert got[f"members:team-{t}/one-{t}"] is Outcome.PARTLY
    assert got[f"members:team-{t}/two-{t}"] is Outcome.DONE


@EVERY
def test_a_name_that_somebody_takes_meanwhile_is_a_conflict(fresh: World) -> None:
    first, second = fresh.plan(COMPANY), fresh.plan(COMPANY)
    assert all(e.outcome is Outcome.DONE for e in fresh.apply(first))
    events = fresh.apply(second)
    creates = [
        e
        for e in events
        if e.change.action is Action.CREATE
        and e.change.key.kind in (Kind.USER, Kind.TEAM, Kind.CHANNEL)
    ]
    assert creates
    assert all(e.outcome in (Outcome.FAILED, Outcome.BLOCKED) for e in creates)
    fresh.settled(COMPANY)


@EVERY
def test_removing_twice_is_fine(fresh: World) -> None:
    fresh.make(COMPANY)
    planned = fresh.plan(COMPANY)
    server = planned.server
    assert server is not None
    for kind in (Kind.CHANNEL, Kind.TEAM):
        for live in planned.reading.observed.live.values():
            if live.key.kind is kind and fresh.tag in live.key.name and not live.protected:
                server.handlers[kind].remove(live, Run(ids=planned.reading.ids))
                server.handlers[kind].remove(live, Run(ids=planned.reading.ids))
    fresh.make(COMPANY)


@EVERY
def test_a_token_without_rights_fails_each_change_and_blocks_the_rest(fresh: World) -> None:
    fresh.make(QUIET + "users:\n  - {username: low-{t}, name: Low, email: low-{t}@c.example}\n")
    server = fresh.connect()
    planned = fresh.plan(QUIET)
    password = Secret("Low-person-pass-1!")
    weak = type(
        next(x.resource for x in planned.reading.observed.live.values() if x.key.kind is Kind.USER)
    )(
        username=f"weak-{fresh.tag}",
        name="Weak",
        email=f"weak-{fresh.tag}@c.example",
        password=password,
    )
    server.handlers[Kind.USER].create(weak, Run(ids=planned.reading.ids, onboarding="mail"))
    credential = Credential(username=f"weak-{fresh.tag}", password=password)
    try:
        planned = fresh.plan(COMPANY, credential=credential)
    except (ApiError, CredentialError) as error:
        # Reading alone may be too much for such an account; then nothing was done at all.
        assert error.message
        return
    got = outcomes(fresh.apply(planned))
    assert Outcome.DONE not in {got[k] for k in got if k.startswith(("user:", "channel:"))}


@EVERY
def test_a_wrong_password_and_a_wrong_token_are_said_plainly(fresh: World) -> None:
    for credential in (
        Credential(username="contract-admin", password=Secret("not the password")),
        Credential(token=Secret("not-a-token-at-all"), user_id="nobody"),
    ):
        with pytest.raises(CredentialError) as caught:
            fresh.connect(credential)
        assert caught.value.hint
        assert "not the password" not in str(caught.value)


@EVERY
def test_a_server_that_is_gone_is_said_plainly(fresh: World) -> None:
    assert fresh.sandbox is not None
    fresh.sandbox.stop()
    with pytest.raises(UnreachableError) as caught:
        fresh.connect()
    assert caught.value.hint


@EVERY
def test_a_cancelled_run_says_what_is_done_and_the_next_one_finishes(fresh: World) -> None:
    planned = fresh.plan(COMPANY)
    cancelled = threading.Event()

    def stop_after_the_first(event: Event) -> None:
        if event.outcome is Outcome.DONE:
            cancelled.set()

    done = flow.apply_plan(
        planned, fresh.environment, flow.Asked(parallelism=1), cancelled, stop_after_the_first
    )
    assert done.report.interrupted
    assert done.report.counts[Outcome.NOT_STARTED] > 0
    assert done.report.counts[Outcome.DONE] > 0
    fresh.make(COMPANY)


@EVERY
def test_who_comes_in_while_we_plan_is_not_thrown_out(fresh: World) -> None:
    """A stranger joins after people were read: additive membership lets them stay."""
    fresh.make(COMPANY)
    planned = fresh.plan(COMPANY)
    server = planned.server
    assert server is not None
    stranger = f"late-{fresh.tag}"
    made = type(next(r for r in planned.company.desired.resources if r.key.kind is Kind.USER))(
        username=stranger,
        name="Late",
        email=f"{stranger}@contract.example",
        password=Secret("Late-person-pass-1!"),
    )
    more = COMPANY.replace("private: true, members: [ann-{t}]", "private: true, members: [ben-{t}]")
    both = fresh.connect()
    ids = planned.reading.ids
    ids.put(made.key, both.handlers[Kind.USER].create(made, Run(ids=ids)).id)
    team, channel = f"team-{fresh.tag}", f"two-{fresh.tag}"
    for kind, key in ((Kind.TEAM_MEMBERS, team), (Kind.CHANNEL_MEMBERS, f"{team}/{channel}")):
        live = next(iter(both.handlers[kind].read([Key(kind, key)], ids)))
        want = replace(live.resource, members=live.resource.members | {stranger})
        both.handlers[kind].update(
            Change(action=Action.UPDATE, key=live.key, want=want, have=live, changed=("members",)),
            Run(ids=ids),
        )
    # Now the plan is made of a reading in which this person has no account that we know.
    after = fresh.plan(more)
    forgetful = Ids()
    for live in after.reading.observed.live.values():
        if live.key.name != stranger:
            forgetful.put(live.key, live.id)
    events = fresh.apply(replace(after, reading=replace(after.reading, ids=forgetful)))
    assert outcomes(events)[f"members:{team}/{channel}"] is Outcome.DONE
    live = next(
        iter(
            both.handlers[Kind.CHANNEL_MEMBERS].read(
                [Key(Kind.CHANNEL_MEMBERS, f"{team}/{channel}")], ids
            )
        )
    )
    assert stranger in live.resource.members
