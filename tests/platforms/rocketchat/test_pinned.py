"""Pinned messages of a server."""

from collections.abc import Callable

import pytest

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Credential, Run
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.pinned import Pinned
from chatops.resources import UNKNOWN, Ids, Key, Kind, PinnedMessages
from chatops.sandbox.faults import Fault
from chatops.sandbox.server import Sandbox
from tests.platforms.rocketchat.conftest import NETWORK, Bench
from tests.platforms.rocketchat.replay import line, recorded, replay

ODD = "it's {{ 7 * 7 }} $(id) `id` @all <b> & \\ æøå 🚚 https://wiki.example/a?b=c"


def _pins(bench: Bench, *texts: str, private: bool = False) -> tuple[Key, str]:
    team = bench.team()
    channel = bench.channel(team, private=private)
    wish = PinnedMessages(team=team, channel=channel, texts=frozenset(texts))
    assert bench.create(wish).failed == {}
    return wish.key, bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}")


def _said(bench: Bench, room: str) -> list[str]:
    """All that was said in a room, without what the server says by itself."""
    rows = bench.server.client.get("channels.messages", roomId=room)["messages"]
    return sorted(row["msg"] for row in rows if not row.get("t"))


@pytest.mark.parametrize("private", [True, False])
def test_texts_are_pinned_and_are_ours(bench: Bench, private: bool) -> None:
    key, _ = _pins(bench, "How we hand over", ODD, "two\nlines", private=private)
    live = bench.one(key).resource
    assert live.texts == {"How we hand over", ODD, "two\nlines"}
    assert live.ours == live.texts


def test_a_text_is_taken_out_and_comes_back_and_is_said_once(bench: Bench) -> None:
    key, room = _pins(bench, "one", "two")
    bench.update(key, texts=frozenset({"two", "three"}))
    assert bench.one(key).resource.texts == {"two", "three"}
    assert _said(bench, room) == ["one", "three", "two"], "unpinned, not deleted"
    bench.update(key, texts=frozenset({"one", "two", "three"}))
    assert bench.one(key).resource.texts == {"one", "two", "three"}
    assert _said(bench, room) == ["one", "three", "two"]


def test_what_others_pin_stays(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team)
    key = PinnedMessages(team=team, channel=channel).key
    room = bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}")
    body = {"roomId": room, "userId": bench.run.ids.get(Kind.USER, ida)}
    bench.server.client.post("channels.invite", body)
    bench.server.client.post("channels.addModerator", body)
    client = bench.signed_in(ida)
    made = client.post("chat.postMessage", {"roomId": room, "text": "hers"})["message"]
    client.post("chat.pinMessage", {"messageId": made["_id"]})
    bench.create(PinnedMessages(team=team, channel=channel, texts=frozenset({"ours"})))
    live = bench.one(key).resource
    assert (live.texts, live.ours) == ({"ours", "hers"}, {"ours"})
    bench.update(key, texts=frozenset({"hers"}))
    assert bench.one(key).resource.texts == {"hers"}


def test_a_text_that_somebody_edited_is_said_anew(bench: Bench) -> None:
    key, room = _pins(bench, "call 112")
    (row,) = bench.server.client.get("chat.getPinnedMessages", roomId=room)["messages"]
    edit = {"roomId": room, "msgId": row["_id"], "text": "call 113"}
    bench.server.client.post("chat.update", edit)
    assert bench.one(key).resource.texts == {"call 113"}
    bench.update(key, texts=frozenset({"call 112"}))
    assert bench.one(key).resource.texts == {"call 112"}
    assert _said(bench, room) == ["call 112", "call 113"]


@pytest.mark.parametrize("fault", [{"status": 500}, {"kind": "cut"}, {"kind": "cut_after"}])
def test_a_lost_answer_says_nothing_twice(
    own: Callable[..., tuple[Sandbox, Bench]], fault: dict[str, object]
) -> None:
    sandbox, bench = own()
    team = bench.team()
    channel = bench.channel(team)
    wish = PinnedMessages(team=team, channel=channel, texts=frozenset({"once"}))
    for path in ("/api/v1/chat.sendMessage", "/api/v1/chat.pinMessage"):
        sandbox.faults.add(Fault(method="POST", path=path, times=1, **fault))
    try:
        bench.create(wish)
    except ServerError:
        # As the engine does: look, and send again.
        bench.create(wish)
    assert bench.one(wish.key).resource.texts == {"once"}
    assert _said(bench, bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}")) == ["once"]


def test_one_text_too_long_does_not_keep_the_others_out(bench: Bench) -> None:
    team = bench.team()
    channel = bench.channel(team)
    texts = frozenset({"short", "x" * 6000})
    with pytest.raises(ApiError, match="longer than the server takes") as caught:
        bench.create(PinnedMessages(team=team, channel=channel, texts=texts))
    assert caught.value.hint
    key = PinnedMessages(team=team, channel=channel).key
    assert bench.one(key).resource.texts == {"short"}


def test_a_server_that_is_cut_off_says_so(own: Callable[..., tuple[Sandbox, Bench]]) -> None:
    _, bench = own(air_gapped=True)
    team = bench.team()
    channel = bench.channel(team)
    with pytest.raises(ApiError, match="locked: nobody can write") as caught:
        bench.create(PinnedMessages(team=team, channel=channel, texts=frozenset({"x"})))
    assert "register the workspace" in caught.value.hint


def test_a_server_where_nothing_may_be_pinned_says_so(bench: Bench) -> None:
    client = bench.server.client
    client.post("settings/Message_AllowPinning", {"value": False})
    try:
        with pytest.raises(ApiError, match="pinning"):
            _pins(bench, "x")
    finally:
        client.post("settings/Message_AllowPinning", {"value": True})


def test_a_private_channel_that_we_are_not_in_is_left_alone(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team, private=True)
    room = bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}")
    body = {"roomId": room, "userId": bench.run.ids.get(Kind.USER, ida)}
    bench.server.client.post("groups.invite", body)
    bench.server.client.post("groups.addOwner", body)
    bench.server.client.post("groups.leave", {"roomId": room})
    live = bench.one(PinnedMessages(team=team, channel=channel).key)
    assert live.resource.texts is UNKNOWN
    assert "invite" in live.locked["texts"]


STEPS = ("chat.sendMessage with _id", "chat.pinMessage", "chat.getPinnedMessages")


@pytest.mark.parametrize("version", ["8.3", "6.5"])
def test_what_real_servers_answered_is_understood(version: str) -> None:
    lines = [recorded(version)[step] for step in STEPS]
    lines.append(line("GET", "chat.getMessage", {"success": False}, 400))
    ids = Ids()
    ids.put(Key(Kind.CHANNEL, "ops/dispatch"), "room")
    wish = PinnedMessages(team="ops", channel="dispatch", texts=frozenset({"idem"}))
    with replay(lines) as server:
        handler = Pinned(Client(server.url, NETWORK, Credential()), "rcadmin")
        handler.create(wish, Run(ids=ids))
        (live,) = handler.read([wish.key], ids)
        (sent,) = server.sent("POST chat.sendMessage")
        (pinned,) = server.sent("POST chat.pinMessage")
    assert (live.resource.texts, live.resource.ours) == ({"hello"}, {"hello"})
    assert sent.body["message"] == {
        "_id": pinned.body["messageId"],
        "rid": "room",
        "msg": "idem",
    }
