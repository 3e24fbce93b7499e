"""Teams and channels on a server."""

from dataclasses import replace

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.channels import Channels
from chatops.platforms.rocketchat.places import Places
from chatops.resources import (
    UNKNOWN,
    Channel,
    ChannelMembers,
    Ids,
    Key,
    Kind,
    Team,
    TeamMembers,
)
from tests.platforms.rocketchat.conftest import NETWORK, Bench
from tests.platforms.rocketchat.replay import line, replay

ROOM = {"_id": "r1", "name": "dispatch", "t": "c", "teamId": "t1"}
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
        posting="everyone",
        default=False,
        archived=False,
    )


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("topic", ODD),
        ("topic", ""),
        ("purpose", ODD),
        ("purpose", ""),
        ("posting", "leads"),
        ("default", True),
        ("archived", True),
    ],
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
    bench.update(
        key, private=not private, topic="new topic", purpose="new purpose", posting="leads"
    )
    assert bench.calls == calls + 3  # two read, one writes
    channel = bench.one(key).resource
    assert (channel.private, channel.topic) == (not private, "new topic")
    assert (channel.purpose, channel.posting) == ("new purpose", "leads")


@pytest.mark.parametrize("private", [True, False])
def test_a_channel_for_its_leads_that_everybody_comes_into(bench: Bench, private: bool) -> None:
    team, (ida,) = bench.staffed(1)
    name = bench.channel(team, private=private, posting="leads", default=True)
    channel = bench.one(_channel(team, name)).resource
    assert (channel.posting, channel.default) == ("leads", True)
    assert ida in bench.members(team, name)
    late = bench.user()
    bench.create(TeamMembers(team=team, members=frozenset({ida, late})))
    assert late in bench.members(team, name)
    bench.update(_channel(team, name), posting="everyone", default=False)
    channel = bench.one(_channel(team, name)).resource
    assert (channel.posting, channel.default) == ("everyone", False)
    assert ida in bench.members(team, name), "who is in stays in"


def test_only_leads_write_where_only_leads_may(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    name = bench.channel(team, posting="leads")
    people = frozenset({ida, bo})
    wish = ChannelMembers(team=team, channel=name, members=people, leads=frozenset({ida}))
    assert bench.create(wish).failed == {}
    room = bench.run.ids.get(Kind.CHANNEL, f"{team}/{name}")
    for person, may in ((ida, True), (bo, False)):
        client = bench.signed_in(person)
        try:
            client.post("chat.postMessage", {"roomId": room, "text": "hello"})
        except ApiError as error:
            assert not may
            assert "readonly" in error.message
        else:
            assert may


def test_a_server_that_does_not_tell_who_comes_in_is_left_alone() -> None:
    lines = [
        line("GET", "rooms.adminRooms", {"rooms": [ROOM], "total": 1, "success": True}),
        line("GET", "teams.listRooms", {"success": False, "error": "unauthorized"}, 403),
    ]
    with replay(lines) as server:
        client = Client(server.url, NETWORK, Credential())
        ids = Ids()
        ids.put(_team("ops"), "t1")
        (live,) = Channels(client, Places(client)).read(None, ids)
    assert live.resource.default is UNKNOWN


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


def test_reading_all_channels_is_one_call_and_one_for_each_team(bench: Bench) -> None:
    team = bench.team()
    bench.team()
    names = {_channel(team, bench.channel(team, private=n % 2 == 0)) for n in range(4)}
    bench.all(Kind.TEAM)
    teams = {key.name.partition("/")[0] for key in bench.all(Kind.CHANNEL)}
    calls = bench.calls
    assert names <= set(bench.all(Kind.CHANNEL))
    assert bench.calls == calls + 1 + len(teams)
