"""Bad weather: a server that throttles, fails and loses answers, and many threads at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chatops.errors import AmbiguousError, ApiError
from chatops.resources import Channel, ChannelMembers, Key, Kind, Setting, Team, TeamMembers, User
from chatops.sandbox.faults import Fault

from .conftest import PASSWORD, Bench, Own

API = "/api/v4"


def test_throttled_calls_wait_and_succeed(own: Own) -> None:
    sandbox, bench = own()
    sandbox.faults.add(
        Fault(status=429, method="POST", path=f"{API}/users"),
        Fault(status=429, method="GET", path=f"{API}/users"),
    )
    name = bench.user()
    assert Key(Kind.USER, name) in bench.all(Kind.USER)
    assert len(sandbox.faults.fired) == 2


@pytest.mark.parametrize("kind", [Kind.USER, Kind.TEAM, Kind.CHANNEL])
def test_a_lost_answer_to_a_create_is_never_sent_twice(own: Own, kind: Kind) -> None:
    """It may have happened: the caller must look. Here it has, and there is one of it."""
    sandbox, bench = own()
    bench.create(Team(name="ops"))
    want = {
        Kind.USER: User(username="ida", email="ida@nordlys.example", password=PASSWORD),
        Kind.TEAM: Team(name="sales"),
        Kind.CHANNEL: Channel(team="ops", name="dispatch"),
    }[kind]
    sandbox.faults.add(Fault(kind="cut_after", method="POST", path=f"{API}/{kind}s", times=None))
    with pytest.raises(AmbiguousError):
        bench.create(want)
    assert len(sandbox.faults.fired) == 1
    sandbox.faults.clear()
    assert bench.read(want.key).keys() == {want.key}
    with pytest.raises(ApiError):
        bench.create(want)


def test_a_failure_before_a_create_leaves_nothing(own: Own) -> None:
    sandbox, bench = own()
    sandbox.faults.add(Fault(status=503, method="POST", path=f"{API}/teams"))
    with pytest.raises(AmbiguousError, match="503"):
        bench.create(Team(name="ops"))
    assert bench.read(Key(Kind.TEAM, "ops")) == {}


def test_what_sets_a_state_is_sent_again(own: Own) -> None:
    sandbox, bench = own()
    ida, team = bench.user(), bench.team()
    channel = bench.channel(team)
    sandbox.faults.add(
        Fault(kind="cut_after", path=f"{API}/teams/*/members/batch"),
        Fault(kind="cut_after", path=f"{API}/teams/*/schemeRoles"),
        Fault(status=502, path=f"{API}/channels/*/members", method="POST"),
        Fault(kind="cut_after", path=f"{API}/users/*/patch"),
        Fault(kind="cut_after", path=f"{API}/teams/*/privacy"),
        Fault(kind="cut_after", path=f"{API}/config/patch"),
        Fault(kind="cut_after", path=f"{API}/channels/*", method="DELETE"),
    )
    bench.create(TeamMembers(team=team, members=frozenset({ida}), leads=frozenset({ida})))
    bench.create(ChannelMembers(team=team, channel=channel, members=frozenset({ida})))
    bench.update(Key(Kind.USER, ida), title="CTO")
    bench.update(Key(Kind.TEAM, team), open=True)
    bench.update(Key(Kind.SETTING, "smtp.port"), value=4465)
    assert bench.members(team, channel) == {ida}
    bench.remove(Key(Kind.CHANNEL, f"{team}/{channel}"))
    assert len(sandbox.faults.fired) == 7
    assert ida in bench.one(Key(Kind.TEAM_MEMBERS, team)).resource.leads
    assert bench.one(Key(Kind.USER, ida)).resource.title == "CTO"
    assert bench.one(Key(Kind.TEAM, team)).resource.open is True
    assert bench.one(Key(Kind.SETTING, "smtp.port")).resource.value == 4465
    assert bench.one(Key(Kind.CHANNEL, f"{team}/{channel}")).archived


def test_one_persons_failure_stops_nobody(own: Own) -> None:
    sandbox, bench = own()
    team, _ = bench.staffed(3)
    sandbox.faults.add(Fault(status=500, method="DELETE", path=f"{API}/teams/*/members/*", times=4))
    bench.server.client.side_by_side = 1
    result = bench.update(Key(Kind.TEAM_MEMBERS, team), members=frozenset({bench.server.me}))
    assert len(result.failed) == 1
    members = bench.one(Key(Kind.TEAM_MEMBERS, team)).resource.members
    assert members == {*result.failed, bench.server.me}


def test_a_mail_that_fails_leaves_the_person(own: Own) -> None:
    sandbox, bench = own()
    sandbox.faults.add(Fault(status=500, path=f"{API}/users/password/reset/send"))
    bench.mailing()
    want = User(username="ida", email="ida@nordlys.example", password=PASSWORD)
    result = bench.create(want)
    assert result.failed.keys() == {"mail"}
    assert result.failed["mail"].message
    assert bench.one(want.key).id == result.id
    assert len(sandbox.faults.fired) == 1


def test_mail_is_asked_for_when_people_get_in_by_mail(own: Own) -> None:
    sandbox, bench = own()
    asking = Fault(kind="slow", path=f"{API}/users/password/reset/send", times=None)
    sandbox.faults.add(asking)
    bench.user()
    assert sandbox.faults.fired == []
    bench.mailing().create(User(username="bo", email="bo@nordlys.example", password=PASSWORD))
    assert sandbox.faults.fired == [asking]


def test_eight_threads_build_a_company(bench: Bench) -> None:
    people = [bench.fresh("p") for _ in range(24)]
    teams = [bench.fresh("t") for _ in range(4)]

    def person(name: str) -> str:
        wish = User(username=name, email=f"{name}@nordlys.example", password=PASSWORD)
        return bench.create(wish).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(person, people))) == len(people)
        list(pool.map(lambda name: bench.create(Team(name=name)), teams))
        pairs = [(team, f"c{n}") for team in teams for n in range(4)]
        list(pool.map(lambda p: bench.create(Channel(team=p[0], name=p[1])), pairs))
        wishes = [TeamMembers(team=team, members=frozenset(people)) for team in teams]
        assert [r.failed for r in pool.map(bench.create, wishes)] == [{}] * 4
        rooms = [
            ChannelMembers(team=team, channel=name, members=frozenset(people))
            for team, name in pairs
        ]
        assert [r.failed for r in pool.map(bench.create, rooms)] == [{}] * 16
        keys = [room.key for room in rooms]
        found = list(pool.map(lambda key: bench.one(key).resource.members, keys))
    assert all(members - {bench.server.me} == set(people) for members in found)
    together = bench.read(*keys)
    assert [together[key].resource.members for key in keys] == found


def test_a_company_is_read_in_few_calls(own: Own) -> None:
    """120 people, 4 teams, 25 channels beside the server's own."""
    _, bench = own()
    names = [f"p{n:03}" for n in range(120)]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: bench.create(
                    User(username=n, email=f"{n}@nordlys.example", password=PASSWORD)
                ),
                names,
            )
        )
    bench.server.handlers[Kind.SETTING].create(
        # The default of 50 people is too few.
        Setting(name="limits.people_per_team", value=200),
        bench.run,
    )
    for number in range(4):
        bench.create(Team(name=f"team{number}"))
        bench.create(TeamMembers(team=f"team{number}", members=frozenset(names[number * 30 :])))
    for number in range(25):
        bench.create(Channel(team=f"team{number % 4}", name=f"c{number}"))
    fresh = Bench(bench.server)
    calls = {}
    for kind in (Kind.SETTING, Kind.USER, Kind.TEAM, Kind.CHANNEL):
        before = fresh.calls
        fresh.all(kind)
        calls[kind] = fresh.calls - before
    before = fresh.calls
    fresh.read(*(Key(Kind.TEAM_MEMBERS, f"team{n}") for n in range(4)))
    calls[Kind.TEAM_MEMBERS] = fresh.calls - before
    before = fresh.calls
    fresh.read(*(Key(Kind.CHANNEL_MEMBERS, f"team{n % 4}/c{n}") for n in range(25)))
    calls[Kind.CHANNEL_MEMBERS] = fresh.calls - before
    assert calls == {
        Kind.SETTING: 3,
        Kind.USER: 2,
        Kind.TEAM: 1,
        Kind.CHANNEL: 1,
        # Everybody's team is as long as the list of people: it might go on.
        Kind.TEAM_MEMBERS: 5,
        Kind.CHANNEL_MEMBERS: 25,
    }
