"""Who is in teams and channels of a server."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential, Result, Run
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.channel_members import ChannelPeople
from chatops.platforms.rocketchat.places import Places
from chatops.resources import (
    UNKNOWN,
    ChannelMembers,
    Ids,
    Key,
    Kind,
    Live,
    TeamMembers,
)
from chatops.sandbox.faults import Fault
from chatops.sandbox.server import Sandbox
from tests.platforms.rocketchat.conftest import NETWORK, PASSWORD, Bench
from tests.platforms.rocketchat.replay import line, replay


def _team(team: str) -> Key:
    return Key(Kind.TEAM_MEMBERS, team)


def _room(team: str, channel: str) -> Key:
    return Key(Kind.CHANNEL_MEMBERS, f"{team}/{channel}")


def _fill(bench: Bench, team: str, channel: str, *names: str) -> Result:
    wish = ChannelMembers(team=team, channel=channel, members=frozenset(names))
    return bench.create(wish)


def test_a_team_is_filled_and_the_account_that_runs_is_in_it(bench: Bench) -> None:
    team, names = bench.staffed(3)
    live = bench.one(_team(team)).resource
    assert live.members == {*names, bench.server.me}
    assert live.leads == {bench.server.me}


def test_leads_are_owners(bench: Bench) -> None:
    ida, bo, mette = bench.users(3)
    team = bench.team()
    wish = TeamMembers(team=team, members=frozenset({ida, bo}), leads=frozenset({bo, mette}))
    assert bench.create(wish).failed == {}
    live = bench.one(_team(team)).resource
    assert live.members - {bench.server.me} == {ida, bo, mette}
    assert live.leads - {bench.server.me} == {bo, mette}
    bench.update(_team(team), members=frozenset({ida, bo, mette}), leads=frozenset({ida}))
    live = bench.one(_team(team)).resource
    assert live.members - {bench.server.me} == {ida, bo, mette}
    assert live.leads - {bench.server.me} == {ida}


def test_only_the_leads_change(bench: Bench) -> None:
    team, names = bench.staffed(2)
    bench.update(_team(team), leads=frozenset(names[:1]))
    live = bench.one(_team(team)).resource
    assert live.members == {*names, bench.server.me}
    assert live.leads == {names[0], bench.server.me}


def test_other_roles_in_a_team_stay(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    ids = bench.run.ids
    member = {"userId": ids.get(Kind.USER, ida), "roles": ["moderator"]}
    team_id = ids.get(Kind.TEAM, team)
    bench.server.client.post("teams.updateMember", {"teamId": team_id, "member": member})
    bench.update(_team(team), leads=frozenset({ida, bo}))
    rows = bench.server.client.get("teams.members", teamId=team_id)["members"]
    roles = {row["user"]["username"]: set(row["roles"] or []) for row in rows}
    assert roles[ida] == {"moderator", "owner"}
    assert roles[bo] == {"owner"}


def test_people_come_and_go_in_a_team_and_leave_its_channels_too(bench: Bench) -> None:
    team, (ida, bo, mette) = bench.staffed(3)
    new = bench.user()
    channel = bench.channel(team, private=True)
    _fill(bench, team, channel, ida, bo)
    bench.all(Kind.CHANNEL)
    bench.update(_team(team), members=frozenset({ida, mette, new}))
    assert bench.one(_team(team)).resource.members == {ida, mette, new, bench.server.me}
    assert bench.members(team, channel) == {ida}


def test_the_account_that_runs_is_never_taken_out(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team)
    _fill(bench, team, channel, ida)
    for key in (_team(team), _room(team, channel)):
        fields = {"members": frozenset({ida})}
        assert bench.update(key, **fields).failed == {}
        assert bench.server.me in bench.one(key).resource.members
    bench.update(_team(team), leads=frozenset({ida}))
    assert bench.server.me in bench.one(_team(team)).resource.leads


@pytest.mark.parametrize("private", [True, False])
def test_people_come_and_go_in_a_channel(bench: Bench, private: bool) -> None:
    team, (ida, bo, mette) = bench.staffed(3)
    channel = bench.channel(team, private=private)
    assert _fill(bench, team, channel, ida, bo).failed == {}
    assert bench.members(team, channel) == {ida, bo}
    assert bench.update(_room(team, channel), members=frozenset({bo, mette})).failed == {}
    assert bench.members(team, channel) == {bo, mette}


@pytest.mark.parametrize("private", [True, False])
def test_doing_it_twice_does_nothing_the_second_time(bench: Bench, private: bool) -> None:
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team, private=private)
    for _ in range(2):
        assert _fill(bench, team, channel, ida, bo).failed == {}
        wish = TeamMembers(team=team, members=frozenset({ida, bo}), leads=frozenset({ida}))
        assert bench.create(wish).failed == {}
    assert bench.members(team, channel) == {ida, bo}


@pytest.mark.parametrize("private", [True, False])
def test_many_come_in_few_calls(bench: Bench, private: bool) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: bench.user(), range(120)))
    team = bench.team()
    channel = bench.channel(team, private=private)
    calls = bench.calls
    assert bench.create(TeamMembers(team=team, members=frozenset(names))).failed == {}
    assert bench.calls == calls + 3  # two batches, one look
    calls = bench.calls
    assert _fill(bench, team, channel, *names).failed == {}
    assert bench.calls == calls + 3
    assert bench.members(team, channel) == set(names)


@pytest.mark.parametrize("private", [True, False])
def test_one_who_is_nobody_stops_nobody(bench: Bench, private: bool) -> None:
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team, private=private)
    failed = _fill(bench, team, channel, ida, "nobody-at-all", bo).failed
    assert set(failed) == {"nobody-at-all"}
    assert bench.members(team, channel) == {ida, bo}


@pytest.mark.parametrize("private", [True, False])
def test_one_who_was_deleted_meanwhile_is_named(bench: Bench, private: bool) -> None:
    """The server drops the identifier without a word, or fails for all: neither goes unseen."""
    team, (ida, bo, gone) = bench.staffed(3)
    bench.server.client.post(
        "users.delete", {"userId": bench.run.ids.get(Kind.USER, gone), "confirmRelinquish": True}
    )
    channel = bench.channel(team, private=private)
    assert set(_fill(bench, team, channel, ida, gone, bo).failed) == {gone}
    assert bench.members(team, channel) == {ida, bo}
    other = bench.team()
    wish = TeamMembers(team=other, members=frozenset({ida, gone, bo}))
    assert set(bench.create(wish).failed) == {gone}
    assert bench.one(_team(other)).resource.members == {ida, bo, bench.server.me}


def test_deactivated_people_are_not_listed(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team)
    _fill(bench, team, channel, ida, bo)
    bench.remove(Key(Kind.USER, bo))
    assert bench.members(team, channel) == {ida}
    assert bench.one(_team(team)).resource.members == {ida, bench.server.me}


def test_bots_are_never_counted(bench: Bench) -> None:
    bench.all(Kind.USER)
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team)
    room = bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}")
    bench.server.client.post("channels.invite", {"roomId": room, "userId": "rocket.cat"})
    _fill(bench, team, channel, ida)
    assert bench.members(team, channel) == {ida}


def _strange_group(bench: Bench, url: str) -> tuple[str, str, str]:
    """A private channel of a team that somebody else made, and this account is not in."""
    name = bench.user()
    person = Client(url, NETWORK, Credential(username=name, password=PASSWORD))
    bench.server.client.post(
        "users.update",
        {
            "userId": bench.run.ids.get(Kind.USER, name),
            "data": {"requirePasswordChange": False},
        },
    )
    person.sign_in()
    team = bench.team()
    wish = TeamMembers(team=team, members=frozenset({name}), leads=frozenset({name}))
    assert bench.create(wish).failed == {}
    channel = bench.fresh("secret")
    team_id = bench.run.ids.get(Kind.TEAM, team)
    person.post("groups.create", {"name": channel, "extraData": {"teamId": team_id}})
    person.sign_out()
    assert Key(Kind.CHANNEL, f"{team}/{channel}") in bench.all(Kind.CHANNEL)
    return team, channel, name


def test_a_private_channel_that_this_account_is_not_in_is_unknown(bench: Bench, url: str) -> None:
    team, channel, name = _strange_group(bench, url)
    live: Live[ChannelMembers] = bench.one(_room(team, channel))
    assert live.resource.members is UNKNOWN
    assert "invite the account" in live.locked["members"]
    with pytest.raises(ApiError) as caught:
        _fill(bench, team, channel, bench.user(), name)
    assert caught.value.hint


def test_such_a_channel_is_written_all_the_same(bench: Bench, url: str) -> None:
    team, channel, _ = _strange_group(bench, url)
    key = Key(Kind.CHANNEL, f"{team}/{channel}")
    bench.update(key, topic="found", purpose="all the same")
    assert bench.one(key).resource.topic == "found"
    bench.remove(key)
    assert bench.one(key).archived


def test_a_channel_that_is_put_away(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team, private=True)
    _fill(bench, team, channel, ida)
    bench.remove(Key(Kind.CHANNEL, f"{team}/{channel}"))
    live = bench.one(_room(team, channel))
    assert live.resource.members is UNKNOWN or ida in live.resource.members


def test_a_channel_that_changed_its_kind_is_still_found(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team)
    _fill(bench, team, channel, ida)
    bench.update(Key(Kind.CHANNEL, f"{team}/{channel}"), private=True)
    bench.update(_room(team, channel), members=frozenset({bo}))
    assert bench.members(team, channel) == {bo}


def test_reading_members_side_by_side(bench: Bench) -> None:
    team, names = bench.staffed(3)
    channels = [bench.channel(team, private=n % 2 == 0) for n in range(10)]
    for channel in channels:
        _fill(bench, team, channel, *names)
    bench.all(Kind.TEAM)
    bench.all(Kind.CHANNEL)
    calls = bench.calls
    found = bench.read(*(_room(team, channel) for channel in channels))
    assert bench.calls == calls + 20
    assert all(live.resource.members - {bench.server.me} == set(names) for live in found.values())


def test_a_lost_answer_while_adding(own: Callable[..., tuple[Sandbox, Bench]]) -> None:
    sandbox, bench = own()
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team)
    sandbox.faults.add(
        Fault(kind="cut_after", path="*/channels.invite"),
        Fault(status=502, path="*/teams.addMembers"),
    )
    assert _fill(bench, team, channel, ida, bo).failed == {}
    other = bench.team()
    wish = TeamMembers(team=other, members=frozenset({ida, bo}))
    assert bench.create(wish).failed == {}
    assert len(sandbox.faults.fired) == 2


def test_a_server_that_takes_one_person_a_call() -> None:
    """The schema of 8.8 names the single form alone: what it refuses is sent one by one."""
    refused = {
        "success": False,
        "error": "must match exactly one schema in oneOf [invalid-params]",
        "errorType": "invalid-params",
    }
    rows = [{"_id": name, "username": name} for name in ("ida", "bo", "mette", "root")]
    lines = [
        line("POST", "channels.invite", refused, 400),
        line("POST", "channels.invite", {"success": True}),
        line("GET", "channels.members", {"members": rows, "total": 4, "success": True}),
        line("GET", "rooms.adminRooms.getRoom", {"_id": "room", "t": "c", "success": True}),
    ]
    with replay(lines) as heard:
        client = Client(heard.url, NETWORK, Credential())
        handler = ChannelPeople(client, Places(client), "root")
        run = Run(ids=Ids())
        run.ids.put(Key(Kind.CHANNEL, "ops/dispatch"), "room")
        for name in ("ida", "bo", "mette"):
            run.ids.put(Key(Kind.USER, name), name)
        people = frozenset({"ida", "bo", "mette"})
        wish = ChannelMembers(team="ops", channel="dispatch", members=people)
        for _ in range(2):
            assert handler.create(wish, run).failed == {}
    bodies = [call.body for call in heard.sent("POST channels.invite")]
    together = {"roomId": "room", "userIds": ["bo", "ida", "mette"]}
    alone = [{"roomId": "room", "userId": name} for name in together["userIds"]]
    # Having learnt it, the client does not try again.
    assert bodies[0] == together
    assert sorted(body["userId"] for body in bodies[1:]) == sorted(together["userIds"] * 2)
    assert all(body in alone for body in bodies[1:])


def test_nothing_is_sent_for_resources_that_say_nothing(bench: Bench) -> None:
    team = bench.team()
    channel = bench.channel(team)
    calls = bench.calls
    assert bench.create(TeamMembers(team=team)).failed == {}
    assert bench.create(ChannelMembers(team=team, channel=channel)).failed == {}
    assert bench.calls == calls
