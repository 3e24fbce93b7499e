"""Channels of teams."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatops.errors import ApiError
from chatops.platforms.mattermost import PLATFORM
from chatops.resources import UNSET, Channel, Ids, Key, Kind, Team

from .conftest import Bench


def key(team: str, name: str) -> Key:
    return Key(Kind.CHANNEL, f"{team}/{name}")


@pytest.mark.parametrize("private", [True, False])
def test_what_is_made_reads_back(bench: Bench, private: bool) -> None:
    team, name = bench.team(), bench.fresh("dispatch")
    want = Channel(
        team=team,
        name=name,
        display_name="Dispatch",
        topic="On duty: **112** {{ 7*7 }} 😀\nsecond line  ",
        purpose=" Trucks on the road ",
        private=private,
        posting="everyone",
        default=False,
        archived=False,
    )
    result = bench.create(replace(want, posting=UNSET))
    live = bench.one(want.key)
    assert live.resource == want
    assert live.id == result.id == bench.run.ids.get(Kind.CHANNEL, f"{team}/{name}")
    assert bench.all(Kind.CHANNEL)[want.key] == live


def test_odd_characters_read_back(bench: Bench) -> None:
    """In the form that `normalize` gives them, whatever they are."""
    norm = PLATFORM.facts(bench.server.release).normalize
    odd = "  Ærø\u202e 😀\ufeff <b>{{ 7*7 }}</b> `id`"
    team = bench.team(**_texts(norm[Kind.TEAM], Team(name="x", display_name=odd, description=odd)))
    live = bench.one(Key(Kind.TEAM, team)).resource
    assert live == norm[Kind.TEAM](live)
    assert live.description == odd.replace("\u202e", "").replace("\ufeff", "")
    name = bench.fresh("c")
    want = norm[Kind.CHANNEL](
        Channel(team=team, name=name, display_name=odd, topic=odd, purpose=odd)
    )
    bench.create(want)
    read = bench.one(want.key).resource
    assert (read.display_name, read.topic, read.purpose) == (want.display_name, odd, odd)


def _texts(normal: Callable[[Any], Any], team: Team) -> dict[str, Any]:
    kept = normal(team)
    return {"display_name": kept.display_name, "description": kept.description}


def test_a_bare_wish(bench: Bench) -> None:
    team, name = bench.team(), bench.fresh("dispatch")
    bench.create(Channel(team=team, name=name))
    live = bench.one(key(team, name)).resource
    assert (live.display_name, live.topic, live.purpose, live.private) == (name, "", "", False)


def test_the_same_name_in_two_teams(bench: Bench) -> None:
    one, two = bench.team(), bench.team()
    for team in (one, two):
        bench.create(Channel(team=team, name="dispatch", display_name=team))
    found = bench.read(key(one, "dispatch"), key(two, "dispatch"))
    assert {live.resource.display_name for live in found.values()} == {one, two}


def test_a_name_that_is_taken_is_a_conflict(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, archived=True)
    with pytest.raises(ApiError, match="channel of this name exists") as caught:
        bench.create(Channel(team=team, name=name))
    assert caught.value.hint


def test_a_team_that_is_missing(bench: Bench) -> None:
    with pytest.raises(ApiError, match="no team"):
        bench.create(Channel(team="no-such-team", name="dispatch"))
    assert bench.read(key("no-such-team", "dispatch")) == {}


def test_the_servers_own_channels_are_protected(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team)
    found = bench.all(Kind.CHANNEL)
    assert found[key(team, "town-square")].protected
    assert found[key(team, "off-topic")].protected
    assert not found[key(team, name)].protected
    with pytest.raises(ApiError, match="own channel"):
        bench.remove(key(team, "town-square"))


def test_fields_change_one_by_one(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, topic="old", purpose="old")
    bench.update(key(team, name), display_name="New name")
    bench.update(key(team, name), topic="")
    bench.update(key(team, name), purpose="new")
    bench.update(key(team, name), private=True)
    assert bench.one(key(team, name)).resource == Channel(
        team=team,
        name=name,
        display_name="New name",
        topic="",
        purpose="new",
        private=True,
        posting="everyone",
        default=False,
        archived=False,
    )
    bench.update(key(team, name), private=False)
    assert bench.one(key(team, name)).resource.private is False


def test_writing_what_is_there_is_no_failure(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, topic="same")
    bench.update(key(team, name), topic="same")
    assert bench.one(key(team, name)).resource.topic == "same"


def test_a_rename_keeps_the_channel(bench: Bench) -> None:
    team = bench.team()
    old = bench.channel(team)
    new = bench.fresh("depot")
    result = bench.update(key(team, old), name=new, topic="moved")
    live = bench.one(key(team, new))
    assert (live.id, live.resource.topic) == (result.id, "moved")
    assert bench.run.ids.get(Kind.CHANNEL, f"{team}/{new}") == live.id
    assert bench.read(key(team, old)) == {}


def test_archive_bring_back_and_change_at_once(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team)
    bench.update(key(team, name), archived=True, topic="closed")
    closed = bench.one(key(team, name))
    assert (closed.archived, closed.resource.archived) == (True, True)
    assert closed.resource.topic == "closed"
    bench.update(key(team, name), archived=False, topic="open again", private=True)
    opened = bench.one(key(team, name))
    assert (opened.archived, opened.resource.topic) == (False, "open again")
    assert opened.resource.private is True


def test_changing_what_stays_archived(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, archived=True)
    bench.update(key(team, name), topic="still closed")
    live = bench.one(key(team, name))
    assert (live.archived, live.resource.topic) == (True, "still closed")


def test_removing_twice_is_fine(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team)
    have = bench.one(key(team, name))
    for _ in range(2):
        bench.server.handlers[Kind.CHANNEL].remove(have, bench.run)
    assert bench.one(key(team, name)).archived


def test_archived_ones_are_listed(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, archived=True)
    assert bench.all(Kind.CHANNEL)[key(team, name)].archived


def test_no_team_need_have_been_read(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team)
    for count in (1, 5):
        keys = [key(team, name), *(key(team, f"no-{n}") for n in range(count - 1))]
        found = bench.server.handlers[Kind.CHANNEL].read(keys, Ids())
        assert [live.key for live in found] == [key(team, name)]


def test_private_messages_are_nobodys_business(bench: Bench) -> None:
    client = bench.server.client
    ids = [client.get(f"/users/username/{bench.user()}")["id"] for _ in range(2)]
    me = client.get("/users/me")["id"]
    client.post("/channels/direct", ids)
    client.post("/channels/group", [*ids, me])
    assert all("/" in k.name and not k.name.startswith("/") for k in bench.all(Kind.CHANNEL))
