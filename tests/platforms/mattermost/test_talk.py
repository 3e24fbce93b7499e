"""Pinned messages, and conversations of two."""

from dataclasses import replace

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential
from chatops.platforms.mattermost.handlers.pinned import unproxied
from chatops.resources import DirectMessage, Key, Kind, PinnedMessages

from .conftest import PASSWORD, Bench, Own, Site

ODD = "it's {{ 7 * 7 }} $(id) @all <b> & \\ æøå 🚚\nsecond line :smile: ~town-square #tag\u202e"


def key(team: str, channel: str) -> Key:
    return Key(Kind.PINNED, f"{team}/{channel}")


def posts(bench: Bench, team: str, channel: str) -> list[str]:
    """All that people have written, the newest first."""
    ident = bench.run.ids.get(Kind.CHANNEL, f"{team}/{channel}")
    told = bench.server.client.get(f"/channels/{ident}/posts")
    rows = [told["posts"][i] for i in told["order"]]
    return [row["message"] for row in rows if not row["type"]]


@pytest.mark.parametrize("private", [True, False])
def test_messages_are_pinned_to_the_letter(bench: Bench, private: bool) -> None:
    team = bench.team()
    name = bench.channel(team, private=private)
    want = PinnedMessages(team=team, channel=name, texts=frozenset({ODD, "x" * 16_383}))
    assert not bench.create(want).failed
    live = bench.one(key(team, name)).resource
    assert live.texts == live.ours == want.texts


def test_it_is_done_in_a_channel_that_we_are_not_in(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, private=True)
    client, ident = bench.server.client, bench.run.ids.get(Kind.CHANNEL, f"{team}/{name}")
    client.delete(f"/channels/{ident}/members/{client.get('/users/me')['id']}")
    bench.update(key(team, name), texts=frozenset({"Read me"}))
    assert bench.one(key(team, name)).resource.texts == {"Read me"}
    assert bench.members(team, name) == set()


def test_what_is_taken_out_is_unpinned_and_stays(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team)
    bench.update(key(team, name), texts=frozenset({"one", "two"}))
    bench.update(key(team, name), texts=frozenset({"two"}))
    assert bench.one(key(team, name)).resource.texts == {"two"}
    assert sorted(posts(bench, team, name)) == ["one", "two"]
    # It is not written again while it is pinned.
    bench.update(key(team, name), texts=frozenset({"two"}))
    assert sorted(posts(bench, team, name)) == ["one", "two"]


def test_what_others_pinned_is_theirs(bench: Bench, site: Site) -> None:
    team, (ida,) = bench.staffed(1)
    name = bench.channel(team)
    client, ident = bench.server.client, bench.run.ids.get(Kind.CHANNEL, f"{team}/{name}")
    client.post(f"/channels/{ident}/members", {"user_id": bench.run.ids.get(Kind.USER, ida)})
    other = replace(site, credential=Credential(username=ida, password=PASSWORD)).connect()
    other.client.post("/posts", {"channel_id": ident, "message": "theirs", "is_pinned": True})
    other.close()
    live = bench.one(key(team, name)).resource
    assert (live.texts, live.ours) == ({"theirs"}, set())
    bench.update(key(team, name), texts=frozenset({"theirs", "ours"}))
    live = bench.one(key(team, name)).resource
    assert (live.texts, live.ours) == ({"theirs", "ours"}, {"ours"})
    assert posts(bench, team, name).count("theirs") == 1
    bench.update(key(team, name), texts=frozenset())
    assert bench.one(key(team, name)).resource.texts == {"theirs"}


def test_one_that_is_too_long_stops_no_other(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team)
    result = bench.update(key(team, name), texts=frozenset({"x" * 16_384, "short"}))
    (failed,) = result.failed.values()
    assert "longer than" in failed.message
    assert all(len(name) <= 40 for name in result.failed)
    assert bench.one(key(team, name)).resource.texts == {"short"}


def test_pictures_behind_a_proxy_are_what_was_written() -> None:
    """Else the message would be written again with each run."""
    written = "see ![pic](http://img.example/a.png?x=1&y=ø) and https://wiki.example/x"
    link = "https://chat.example/api/v4/image?url=http%3A%2F%2Fimg.example%2Fa.png%3Fx%3D1%26y%3D%C3%B8"
    shown = f"see ![pic]({link}) and https://wiki.example/x"
    assert unproxied(shown) == written == unproxied(written)


def test_two_people_have_one_conversation(bench: Bench) -> None:
    bench.team()
    ida, bo = bench.user(), bench.user()
    want = DirectMessage(members=frozenset({ida, bo}))
    assert bench.read(want.key) == {}
    first = bench.create(want)
    assert bench.one(want.key).id == first.id == bench.create(want).id
    me = bench.server.client.get("/users/me")["id"]
    rows = bench.server.client.get(f"/channels/{first.id}/members")
    assert len(rows) == 2
    assert me not in {row["user_id"] for row in rows}


def test_a_conversation_is_found_where_there_is_no_team(own: Own) -> None:
    _, bench = own()
    ida, bo, mette = bench.user(), bench.user(), bench.user()
    want = DirectMessage(members=frozenset({ida, bo}))
    bench.create(DirectMessage(members=frozenset({ida, mette})))
    assert bench.read(want.key) == {}
    made = bench.create(want)
    assert bench.one(want.key).id == made.id


def test_who_has_no_account_has_no_conversation(bench: Bench) -> None:
    want = DirectMessage(members=frozenset({bench.user(), "nobody-such"}))
    assert bench.read(want.key) == {}
    with pytest.raises(ApiError, match="no account"):
        bench.create(want)


def test_reading_is_a_call_a_channel_or_two_people(bench: Bench) -> None:
    team = bench.team()
    channels = [bench.channel(team) for _ in range(3)]
    before = bench.calls
    bench.read(*(key(team, c) for c in channels))
    assert bench.calls - before == 3
    people = [bench.user() for _ in range(3)]
    pairs = [DirectMessage(members=frozenset({people[0], p})).key for p in people[1:]]
    before = bench.calls
    bench.read(*pairs)
    assert bench.calls - before == 3
