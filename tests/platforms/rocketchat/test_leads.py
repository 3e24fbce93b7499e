"""Who looks after a channel of a server."""

import pytest

from chatops.platforms.base import Action, Change, Credential, Run
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.channel_members import ChannelPeople
from chatops.platforms.rocketchat.places import Places
from chatops.resources import UNKNOWN, ChannelMembers, Ids, Key, Kind
from tests.platforms.rocketchat.conftest import NETWORK, Bench
from tests.platforms.rocketchat.replay import recorded, replay


def _room(team: str, channel: str) -> Key:
    return Key(Kind.CHANNEL_MEMBERS, f"{team}/{channel}")


def _roles(bench: Bench, room: str, role: str) -> set[str]:
    rows = bench.server.client.get("roles.getUsersInRole", role=role, roomId=room)["users"]
    return {row["username"] for row in rows}


def _staffed(bench: Bench, people: int, *, private: bool) -> tuple[Key, str, list[str]]:
    team, names = bench.staffed(people)
    channel = bench.channel(team, private=private)
    wish = ChannelMembers(team=team, channel=channel, members=frozenset(names))
    assert bench.create(wish).failed == {}
    return _room(team, channel), bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}"), names


@pytest.mark.parametrize("private", [True, False])
def test_leads_are_moderators_and_come_and_go(bench: Bench, private: bool) -> None:
    key, room, (ida, bo, mette) = _staffed(bench, 3, private=private)
    me = bench.server.me
    assert bench.one(key).resource.leads == {me}
    assert bench.update(key, leads=frozenset({ida, bo})).failed == {}
    assert bench.one(key).resource.leads == {ida, bo, me}
    assert _roles(bench, room, "moderator") == {ida, bo}
    assert _roles(bench, room, "owner") == {me}
    assert bench.update(key, leads=frozenset({mette})).failed == {}
    assert bench.one(key).resource.leads == {mette, me}


@pytest.mark.parametrize("private", [True, False])
def test_leads_from_the_start(bench: Bench, private: bool) -> None:
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team, private=private)
    people = frozenset({ida, bo})
    wish = ChannelMembers(team=team, channel=channel, members=people, leads=frozenset({bo}))
    assert bench.create(wish).failed == {}
    live = bench.one(_room(team, channel)).resource
    assert live.members - {bench.server.me} == {ida, bo}
    assert live.leads - {bench.server.me} == {bo}
    assert bench.create(wish).failed == {}


def test_an_owner_counts_as_lead_and_is_none_afterwards(bench: Bench) -> None:
    key, room, (ida, bo) = _staffed(bench, 2, private=False)
    body = {"roomId": room, "userId": bench.run.ids.get(Kind.USER, ida)}
    bench.server.client.post("channels.addOwner", body)
    assert bench.one(key).resource.leads == {ida, bench.server.me}
    assert bench.update(key, leads=frozenset({bo})).failed == {}
    assert bench.one(key).resource.leads == {bo, bench.server.me}
    assert _roles(bench, room, "owner") == {bench.server.me}


@pytest.mark.parametrize("private", [True, False])
def test_the_only_owner_stays_one(bench: Bench, private: bool) -> None:
    key, room, (ida, bo) = _staffed(bench, 2, private=private)
    family = "groups" if private else "channels"
    ids = bench.run.ids
    client = bench.server.client
    client.post(f"{family}.addOwner", {"roomId": room, "userId": ids.get(Kind.USER, ida)})
    client.post(f"{family}.leave", {"roomId": room})
    result = bench.update(key, leads=frozenset({bo}))
    assert set(result.failed) == {ida}
    assert "owner" in result.failed[ida].message
    assert _roles(bench, room, "owner") == {ida}
    assert _roles(bench, room, "moderator") == {bo}, "the rest is done"


def test_a_private_channel_that_we_are_not_in_gets_its_leads_all_the_same(bench: Bench) -> None:
    key, room, (ida, bo, mette) = _staffed(bench, 3, private=True)
    client = bench.server.client
    owner = {"roomId": room, "userId": bench.run.ids.get(Kind.USER, mette)}
    client.post("groups.addOwner", owner)
    client.post("groups.leave", {"roomId": room})
    live = bench.one(key)
    assert live.resource.members is UNKNOWN
    assert "members" in live.locked
    assert live.resource.leads == {mette}
    assert bench.update(key, leads=frozenset({ida, mette})).failed == {}
    assert bench.one(key).resource.leads == {ida, mette}
    assert bench.update(key, leads=frozenset({bo, mette})).failed == {}
    assert bench.one(key).resource.leads == {bo, mette}


def test_who_is_not_in_the_channel_cannot_look_after_it(bench: Bench) -> None:
    key, _, (ida,) = _staffed(bench, 1, private=False)
    stranger = bench.user()
    result = bench.update(key, leads=frozenset({ida, stranger}))
    assert set(result.failed) == {stranger}
    assert bench.one(key).resource.leads == {ida, bench.server.me}


def test_a_lead_whose_account_is_off_is_not_told(bench: Bench) -> None:
    key, _, (ida, bo) = _staffed(bench, 2, private=False)
    bench.update(key, leads=frozenset({ida, bo}))
    bench.update(Key(Kind.USER, ida), active=False)
    assert bench.one(key).resource.leads == {bo, bench.server.me}


def test_who_leaves_the_channel_looks_after_it_no_more(bench: Bench) -> None:
    key, room, (ida, bo) = _staffed(bench, 2, private=False)
    bench.update(key, leads=frozenset({ida}))
    assert bench.update(key, members=frozenset({bo})).failed == {}
    assert bench.one(key).resource.leads == {bench.server.me}
    assert _roles(bench, room, "moderator") == set()


@pytest.mark.parametrize("version", ["8.3", "6.5"])
def test_what_real_servers_answered_is_understood(version: str) -> None:
    """Who is a moderator already is fine, and the only owner is never taken."""
    names = ("groups.members", "groups.roles", "groups.addModerator again")
    lines = [recorded(version)[step] for step in (*names, "groups.removeOwner last")]
    me = next(row["u"]["_id"] for row in lines[1]["response"]["roles"])
    people = {row["username"]: row["_id"] for row in lines[0]["response"]["members"]}
    key, ids = _room("ops", "wages"), Ids()
    ids.put(Key(Kind.CHANNEL, "ops/wages"), "room")
    for name, ident in people.items():
        ids.put(Key(Kind.USER, name), ident)
    with replay(lines) as server:
        client = Client(server.url, NETWORK, Credential())
        places = Places(client)
        places.put("room", private=True, team="t1")
        handler = ChannelPeople(client, places, "somebody-else")
        (live,) = handler.read([key], ids)
        assert live.resource.members == set(people)
        assert live.resource.leads == {"rcadmin"}
        assert people["rcadmin"] == me
        want = ChannelMembers(team="ops", channel="wages", leads=frozenset({"alice"}))
        change = Change(action=Action.UPDATE, key=key, want=want, have=live, changed=("leads",))
        result = handler.update(change, Run(ids=ids))
        (given,) = server.sent("POST groups.addModerator")
        assert server.sent("POST groups.removeOwner") == [], "there is no other owner"
    assert given.body == {"roomId": "room", "userId": people["alice"]}
    assert set(result.failed) == {"rcadmin"}
