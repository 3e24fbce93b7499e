"""Teams and channels on a server."""

from dataclasses import replace

import pytest

from chatops.errors import ApiError
from chatops.resources import Channel, Key, Kind, Team
from tests.platforms.rocketchat.conftest import Bench

ODD = "it's {{ 7 * 7 }} {% raw %} $(id) `id` ${HOME} <b> & \\ æøå 🚚"


def _team(name: str) -> Key:
    return Key(Kind.TEAM, name)


def _channel(team: str, name: str) -> Key:
    return Key(Kind.CHANNEL, f"{team}/{name}")


@pytest.mark.parametrize("open_", [True, False])
def test_a_team_reads_back_as_made(bench: Bench, open_: bool) -> None:
    name = bench.team(open=open_, description="Trucks, drivers, depots")
    assert bench.one(_team(name)).resource == Team(
        name=name,
        display_name="",
        description="Trucks, drivers, depots",
        open=open_,
        archived=False,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("description", ODD), ("description", ""), ("open", True), ("archived", True)],
)
def test_one_field_of_a_team_changes(bench: Bench, field: str, value: object) -> None:
    name = bench.team(description="Trucks")
    before = bench.one(_team(name)).resource
    bench.update(_team(name), **{field: value})
    assert bench.one(_team(name)).resource == replace(before, **{field: value})


def test_a_team_and_its_channels_get_other_names(bench: Bench) -> None:
    old, new = bench.team(), bench.fresh("new")
    channel, other = bench.channel(old), bench.fresh("other")
    bench.update(_team(old), name=new)
    assert bench.one(_team(new)).resource.name == new
    assert bench.read(_team(old)) == {}
    bench.update(_channel(new, channel), name=other)
    live = bench.one(_channel(new, other))
    assert live.resource.team == new
    # The main room went with it: the name is free for nobody else, and the old one is.
    with pytest.raises(ApiError):
        bench.create(Team(name=new, open=True))
    assert bench.create(Team(name=old, open=True)).id


def test_a_team_is_put_away_twice_and_brought_back(bench: Bench) -> None:
    name = bench.team(description="Trucks")
    for _ in range(2):
        bench.remove(_team(name))
        live = bench.one(_team(name))
        assert live.archived
        assert live.resource.archived is True
    bench.update(_team(name), archived=False, description="Trucks again", open=True)
    team = bench.one(_team(name)).resource
    assert (team.archived, team.description, team.open) == (False, "Trucks again", True)


def test_a_team_that_is_archived_from_the_start(bench: Bench) -> None:
    name = bench.team(archived=True)
    assert bench.one(_team(name)).archived


def test_a_team_exists(bench: Bench) -> None:
    name = bench.team()
    for wish in (name, bench.channel(name)):
        with pytest.raises(ApiError, match="exists already"):
            bench.create(Team(name=wish, open=True))


def test_reading_all_teams_is_two_calls(bench: Bench) -> None:
    names = {_team(bench.team()) for _ in range(3)}
    calls = bench.calls
    assert names <= set(bench.all(Kind.TEAM))
    assert bench.calls == calls + 2


@pytest.mark.parametrize("private", [True, False])
def test_a_channel_reads_back_as_made(bench: Bench, private: bool) -> None:
    team = bench.team()
    name = bench.channel(team, topic="On duty: 112", purpose="Trucks", private=private)
    assert bench.one(_channel(team, name)).resource == Channel(
        team=team,
        name=name,
        display_name="",
        topic="On duty: 112",
        purpose="Trucks",
        private=private,
        archived=False,
    )


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    ("field", "value"),
    [("topic", ODD), ("topic", ""), ("purpose", ODD), ("purpose", ""), ("archived", True)],
)
def test_one_field_of_a_channel_changes(
    bench: Bench, private: bool, field: str, value: object
) -> None:
    team = bench.team()
    key = _channel(team, bench.channel(team, topic="t", purpose="p", private=private))
    before = bench.one(key).resource
    bench.update(key, **{field: value})
    assert bench.one(key).resource == replace(before, **{field: value})


@pytest.mark.parametrize("private", [True, False])
def test_a_channel_changes_its_kind_and_all_else_in_one_write(bench: Bench, private: bool) -> None:
    team = bench.team()
    key = _channel(team, bench.channel(team, private=private))
    bench.one(key)
    calls = bench.calls
    bench.update(key, private=not private, topic="new topic", purpose="new purpose")
    assert bench.calls == calls + 2  # one reads, one writes
    channel = bench.one(key).resource
    assert (channel.private, channel.topic) == (not private, "new topic")
    assert channel.purpose == "new purpose"


@pytest.mark.parametrize("private", [True, False])
def test_a_channel_is_put_away_twice_and_brought_back(bench: Bench, private: bool) -> None:
    team = bench.team()
    key = _channel(team, bench.channel(team, private=private))
    for _ in range(2):
        bench.remove(key)
        assert bench.one(key).archived
    bench.update(key, archived=False, topic="back")
    channel = bench.one(key).resource
    assert (channel.archived, channel.topic) == (False, "back")


def test_a_channel_that_is_gone_is_as_good_as_put_away(bench: Bench) -> None:
    team = bench.team()
    live = bench.one(_channel(team, bench.channel(team)))
    bench.server.client.post("channels.delete", {"roomId": live.id})
    bench.server.handlers[Kind.CHANNEL].remove(live, bench.run)


def test_a_channel_that_is_archived_from_the_start(bench: Bench) -> None:
    team = bench.team()
    key = _channel(team, bench.channel(team, archived=True, purpose="old"))
    live = bench.one(key)
    assert live.archived
    assert live.resource.purpose == "old"


def test_two_teams_cannot_have_a_channel_of_one_name(bench: Bench) -> None:
    one, other = bench.team(), bench.team()
    name = bench.channel(one)
    with pytest.raises(ApiError) as caught:
        bench.create(Channel(team=other, name=name, private=True))
    assert caught.value.code == "error-duplicate-channel-name"
    assert "exists already" in caught.value.message


def test_an_archived_room_keeps_its_name(bench: Bench) -> None:
    team = bench.team()
    name = bench.channel(team, archived=True)
    with pytest.raises(ApiError) as caught:
        bench.create(Channel(team=team, name=name))
    assert "duplicate" in caught.value.code


def test_only_rooms_of_teams_are_channels(bench: Bench) -> None:
    team = bench.team()
    mine = bench.channel(team)
    bench.server.client.post("channels.create", {"name": bench.fresh("nobodys")})
    bench.all(Kind.TEAM)
    channels = bench.all(Kind.CHANNEL)
    assert _channel(team, mine) in channels
    names = {key.name.partition("/")[2] for key in channels}
    assert "general" not in names
    assert not any(name.startswith("nobodys") for name in names)
    assert team not in names


def test_reading_all_channels_is_one_call(bench: Bench) -> None:
    team = bench.team()
    names = {_channel(team, bench.channel(team, private=n % 2 == 0)) for n in range(4)}
    calls = bench.calls
    assert names <= set(bench.all(Kind.CHANNEL))
    assert bench.calls == calls + 1
