"""The channels that newcomers come into: one list of names for the whole server."""

from collections.abc import Iterator

import pytest

from chatops.platforms.mattermost.handlers.default_channels import KEY
from chatops.platforms.mattermost.settings import read_key
from chatops.resources import Channel, Key, Kind, TeamMembers

from .conftest import Bench, Own


def key(team: str, name: str) -> Key:
    return Key(Kind.CHANNEL, f"{team}/{name}")


def listed(bench: Bench) -> list[str]:
    found: list[str] = read_key(bench.server.client.get("/config"), KEY, [])
    return found


@pytest.fixture
def tidy(bench: Bench) -> Iterator[Bench]:
    """The list as it is on a fresh server, before and after."""

    def clear() -> None:
        patch = {"TeamSettings": {"ExperimentalDefaultChannels": []}}
        bench.server.client.put("/config/patch", patch)

    clear()
    yield bench
    clear()


def test_off_topic_is_one_until_it_is_taken_off(tidy: Bench) -> None:
    team = tidy.team()
    assert tidy.one(key(team, "off-topic")).resource.default is True
    name = tidy.channel(team, default=True)
    assert listed(tidy) == ["off-topic", name]
    assert tidy.one(key(team, "off-topic")).resource.default is True
    tidy.update(key(team, "off-topic"), default=False)
    assert listed(tidy) == [name]
    tidy.update(key(team, name), default=False)
    # An empty list would be off-topic again.
    assert listed(tidy) == ["town-square"]
    assert tidy.one(key(team, "off-topic")).resource.default is False
    tidy.update(key(team, "off-topic"), default=True)
    assert listed(tidy) == []
    assert "default" in tidy.one(key(team, "town-square")).locked


def test_newcomers_come_in_and_those_of_before_do_not(tidy: Bench) -> None:
    team = tidy.team()
    before, after = tidy.user(), tidy.user()
    tidy.create(TeamMembers(team=team, members=frozenset({before})))
    name = tidy.channel(team, default=True)
    have = tidy.one(Key(Kind.TEAM_MEMBERS, team)).resource.members
    tidy.update(Key(Kind.TEAM_MEMBERS, team), members=have | {after})
    assert tidy.members(team, name) == {after}


def test_it_takes_its_new_name_along(tidy: Bench) -> None:
    team = tidy.team()
    name, new = tidy.channel(team, default=True), tidy.fresh("news")
    tidy.update(key(team, name), name=new)
    assert listed(tidy) == ["off-topic", new]
    assert tidy.one(key(team, new)).resource.default is True


def test_a_team_that_is_made_later_has_such_a_channel(tidy: Bench) -> None:
    """The server makes it: it is nobody's, and a wish for it is met, not refused."""
    name = tidy.channel(tidy.team(), default=True)
    later = tidy.team()
    made = tidy.all(Kind.CHANNEL)[key(later, name)]
    assert made.protected
    want = Channel(team=later, name=name, display_name="Ours", topic="T", private=False)
    result = tidy.create(want)
    assert result.id == made.id
    live = tidy.one(want.key).resource
    assert (live.display_name, live.topic, live.default) == ("Ours", "T", True)


def test_many_at_once_lose_nobody(own: Own) -> None:
    _, bench = own(user_limit=None)
    team = bench.team()
    names = [bench.fresh("c") for _ in range(12)]
    client = bench.server.client
    client.each(lambda n: bench.create(Channel(team=team, name=n, default=True)), names)
    assert set(listed(bench)) == {"off-topic", *names}
