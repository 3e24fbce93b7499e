"""Conversations between people of a server."""

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential, Run
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.conversations import Conversations
from chatops.platforms.rocketchat.places import Places
from chatops.resources import DirectMessage, Ids, Key, Kind
from tests.platforms.rocketchat.conftest import NETWORK, Bench
from tests.platforms.rocketchat.replay import line, recorded, replay


def _talk(*names: str) -> DirectMessage:
    return DirectMessage(members=frozenset(names))


@pytest.mark.parametrize("people", [2, 3, 8])
def test_a_conversation_is_opened_without_us_in_it(bench: Bench, people: int) -> None:
    names = bench.users(people)
    talk = _talk(*names)
    assert bench.read(talk.key) == {}
    bench.create(talk)
    live = bench.one(talk.key)
    assert live.resource == talk
    row = bench.server.client.get("rooms.adminRooms.getRoom", rid=live.id)
    assert set(row["usernames"]) == set(names)


def test_opening_it_twice_is_one_conversation(bench: Bench) -> None:
    for count in (2, 3):
        talk = _talk(*bench.users(count))
        assert bench.create(talk).id == bench.create(talk).id


def test_fewer_people_are_another_conversation(bench: Bench) -> None:
    ida, bo, mette = bench.users(3)
    bench.create(_talk(ida, bo, mette))
    assert bench.read(_talk(ida, bo).key) == {}
    bench.create(_talk(ida, bo))
    bench.one(_talk(ida, bo).key)


def test_the_account_that_runs_can_be_in_it(bench: Bench) -> None:
    bench.all(Kind.USER)
    talk = _talk(bench.user(), bench.server.me)
    bench.create(talk)
    assert bench.one(talk.key).resource == talk


def test_nobody_is_left_out_without_a_word(bench: Bench) -> None:
    ida = bench.user()
    with pytest.raises(ApiError, match="no nobody on the server"):
        bench.create(_talk(ida, "nobody"))
    bench.run.ids.put(Key(Kind.USER, "ghost"), "gone")
    with pytest.raises(ApiError, match="instead"):
        bench.create(_talk(ida, bench.user(), "ghost"))


def test_more_people_than_the_server_takes(bench: Bench) -> None:
    talk = _talk(*bench.users(9))
    with pytest.raises(ApiError, match="more people than the server takes") as caught:
        bench.create(talk)
    assert "DirectMesssage_maxUsers" in caught.value.hint


@pytest.mark.parametrize(
    ("version", "step", "other", "trouble"),
    [
        ("8.3", "im.create one", "alice", ""),
        # It says nothing of an unknown name, and opens a room with oneself.
        ("8.3", "im.create unknown", "nobody", "instead"),
        ("6.5", "im.create one", "alice", ""),
        ("6.5", "im.create unknown", "nobody", "no such person"),
    ],
)
def test_what_real_servers_answered_is_understood(
    version: str, step: str, other: str, trouble: str
) -> None:
    ids = Ids()
    for name in ("rcadmin", other):
        ids.put(Key(Kind.USER, name), name)
    with replay([recorded(version)[step]]) as server:
        client = Client(server.url, NETWORK, Credential())
        handler = Conversations(client, Places(client), "rcadmin")
        if trouble:
            with pytest.raises(ApiError, match=trouble):
                handler.create(_talk("rcadmin", other), Run(ids=ids))
        else:
            assert handler.create(_talk("rcadmin", other), Run(ids=ids)).id
        (sent,) = server.sent("POST im.create")
    assert sent.body == {"usernames": other}


@pytest.mark.parametrize("status", [400, 403])
def test_a_room_that_is_not_there(status: int) -> None:
    """9.0 answers 403 with one code for everything that is not allowed or not there."""
    errors = {
        400: {"success": False, "error": "not-allowed", "errorType": "Not Allowed"},
        403: {"success": False, "error": "forbidden", "errorType": "error-forbidden"},
    }
    other = {"_id": "r2", "t": "d", "uids": ["a", "b", "c"], "usernames": ["ida", "bo", "x"]}
    lines = [
        line("GET", "rooms.adminRooms.getRoom", errors[status], status),
        line("GET", "rooms.adminRooms", {"rooms": [other], "total": 1, "success": True}),
    ]
    ids = Ids()
    ids.put(Key(Kind.USER, "ida"), "a")
    ids.put(Key(Kind.USER, "bo"), "b")
    with replay(lines) as server:
        client = Client(server.url, NETWORK, Credential())
        handler = Conversations(client, Places(client), "rcadmin")
        assert list(handler.read([_talk("ida", "bo").key], ids)) == []
        assert server.sent("GET rooms.adminRooms.getRoom")[0].query["rid"] == ["ab"]
