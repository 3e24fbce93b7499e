"""Who is in a team and in a channel."""

from chatops.platforms.mattermost.handlers.channel_members import EXACT_PAYS, ChannelMembersHandler
from chatops.resources import ChannelMembers, Ids, Key, Kind, TeamMembers

from .conftest import Bench, Own


def team_key(team: str) -> Key:
    return Key(Kind.TEAM_MEMBERS, team)


def channel_key(team: str, channel: str) -> Key:
    return Key(Kind.CHANNEL_MEMBERS, f"{team}/{channel}")


def test_a_team_is_filled_and_led(bench: Bench) -> None:
    ida, bo = bench.user(), bench.user()
    team = bench.team()
    result = bench.create(
        TeamMembers(team=team, members=frozenset({ida, bo}), leads=frozenset({bo}))
    )
    assert not result.failed
    live = bench.one(team_key(team)).resource
    # Whoever makes a team is in it, and leads it.
    assert live.members == frozenset({ida, bo, bench.server.me})
    assert live.leads == frozenset({bo, bench.server.me})


def test_members_come_go_and_lead_in_one_change(bench: Bench) -> None:
    team, (ida, bo, mette) = bench.staffed(3)
    bench.update(team_key(team), leads=frozenset({ida, bench.server.me}))
    bench.update(
        team_key(team),
        members=frozenset({bo, mette, bench.server.me}),
        leads=frozenset({bo, bench.server.me}),
    )
    live = bench.one(team_key(team)).resource
    assert live.members == frozenset({bo, mette, bench.server.me})
    assert live.leads == frozenset({bo, bench.server.me})
    # Back in, without the lead of old.
    bench.update(team_key(team), members=frozenset({ida, bo, mette, bench.server.me}))
    assert ida not in bench.one(team_key(team)).resource.leads


def test_a_lead_alone(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    bench.update(team_key(team), leads=frozenset({ida, bench.server.me}))
    bench.update(team_key(team), leads=frozenset({bo, bench.server.me}))
    live = bench.one(team_key(team)).resource
    assert live.leads == frozenset({bo, bench.server.me})
    assert live.members == frozenset({ida, bo, bench.server.me})


def test_who_has_no_account_stops_nobody(bench: Bench) -> None:
    ida, team = bench.user(), bench.team()
    result = bench.create(
        TeamMembers(team=team, members=frozenset({ida, "no-such-person"}), leads=frozenset())
    )
    assert result.failed.keys() == {"no-such-person"}
    assert ida in bench.one(team_key(team)).resource.members


def test_a_full_team_names_those_left_out(bench: Bench) -> None:
    client = bench.server.client
    before = client.get("/config")["TeamSettings"]["MaxUsersPerTeam"]
    names = [bench.user() for _ in range(3)]
    team = bench.team()
    client.put("/config/patch", {"TeamSettings": {"MaxUsersPerTeam": 2}})
    try:
        result = bench.create(TeamMembers(team=team, members=frozenset(names)))
    finally:
        client.put("/config/patch", {"TeamSettings": {"MaxUsersPerTeam": before}})
    assert len(result.failed) == 2
    assert all("full" in problem.message for problem in result.failed.values())
    assert all("people_per_team" in problem.hint for problem in result.failed.values())
    assert len(bench.one(team_key(team)).resource.members) == 2


def test_a_team_in_few_calls(bench: Bench) -> None:
    names = [bench.user() for _ in range(5)]
    team = bench.team()
    before = bench.calls
    bench.create(TeamMembers(team=team, members=frozenset(names)))
    assert bench.calls - before == 1


def test_deactivated_people_stay_members(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team)
    bench.create(ChannelMembers(team=team, channel=channel, members=frozenset({ida})))
    bench.update(Key(Kind.USER, ida), active=False)
    assert ida in bench.one(team_key(team)).resource.members
    assert bench.members(team, channel) == {ida}


def test_bots_are_left_out(bench: Bench) -> None:
    client = bench.server.client
    client.put("/config/patch", {"ServiceSettings": {"EnableBotAccountCreation": True}})
    robo = client.post("/bots", {"username": bench.fresh("robo"), "display_name": "Robo"})
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team)
    ident = bench.one(channel_key(team, channel)).id
    team_ident = bench.one(team_key(team)).id
    person = {"team_id": team_ident, "user_id": robo["user_id"]}
    client.post(f"/teams/{team_ident}/members", person)
    client.post(f"/channels/{ident}/members", {"user_id": robo["user_id"]})
    assert bench.one(team_key(team)).resource.members == {ida, bench.server.me}
    assert bench.members(team, channel) == set()


def test_what_is_not_there_is_not_read(bench: Bench) -> None:
    assert bench.read(team_key("no-such-team")) == {}
    assert bench.read(channel_key("no-such-team", "dispatch")) == {}
    assert bench.read(channel_key(bench.team(), "no-such-channel")) == {}


def test_a_channel_is_filled_and_emptied(bench: Bench) -> None:
    team, people = bench.staffed(4)
    channel = bench.channel(team)
    before = bench.calls
    result = bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people)))
    assert not result.failed
    assert bench.calls - before == 1
    assert bench.members(team, channel) == set(people)
    bench.update(channel_key(team, channel), members=frozenset({people[0], bench.server.me}))
    assert bench.members(team, channel) == {people[0]}


def test_everyone_who_could_not_come_in_is_named(bench: Bench) -> None:
    """The server answers 201 with those who are in, and not a word about the rest."""
    team, (ida, bo) = bench.staffed(2)
    outsider, gone = bench.user(), bo
    bench.update(Key(Kind.USER, gone), active=False)
    channel = bench.channel(team)
    result = bench.create(
        ChannelMembers(
            team=team, channel=channel, members=frozenset({ida, outsider, gone, "no-such"})
        )
    )
    assert result.failed.keys() == {outsider, gone, "no-such"}
    assert result.failed[gone].code == "app.channel.add_member.deleted_user.app_error"
    assert result.failed[outsider].code == "app.team.get_member.missing.app_error"
    assert "team" in result.failed[outsider].message
    assert "account" in result.failed["no-such"].message
    assert bench.members(team, channel) == {ida}


def test_only_deactivated_people(bench: Bench) -> None:
    """Then the whole list is a 403."""
    team, people = bench.staffed(2)
    for name in people:
        bench.update(Key(Kind.USER, name), active=False)
    channel = bench.channel(team)
    result = bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people)))
    assert result.failed.keys() == set(people)
    assert all("deactivated" in problem.message for problem in result.failed.values())


def test_adding_again_is_fine(bench: Bench) -> None:
    team, people = bench.staffed(2)
    channel = bench.channel(team)
    want = ChannelMembers(team=team, channel=channel, members=frozenset(people))
    assert not bench.create(want).failed
    assert not bench.create(want).failed


def test_removing_who_left_is_fine(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    channel = bench.channel(team)
    bench.create(ChannelMembers(team=team, channel=channel, members=frozenset({ida, bo})))
    have = bench.one(channel_key(team, channel))
    client, ident = bench.server.client, bench.run.ids.get(Kind.USER, ida)
    client.delete(f"/channels/{have.id}/members/{ident}")
    client.delete(f"/teams/{bench.one(team_key(team)).id}/members/{ident}")
    client.delete(f"/teams/{bench.one(team_key(team)).id}/members/{ident}")
    assert bench.members(team, channel) == {bo}


def test_nobody_leaves_the_default_channel(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    result = bench.update(channel_key(team, "town-square"), members=frozenset({bench.server.me}))
    assert result.failed.keys() == {ida}
    assert "own channel" in result.failed[ida].message


def test_private_channels_too(bench: Bench) -> None:
    team, people = bench.staffed(2)
    channel = bench.channel(team, private=True)
    bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people)))
    assert bench.members(team, channel) == set(people)


def test_by_person_and_by_channel_say_the_same(bench: Bench) -> None:
    """With fewer people than channels the memberships are read person by person."""
    team, people = bench.staffed(3)
    bench.user("loner")
    channels = [bench.channel(team) for _ in range(4)]
    for number, channel in enumerate(channels):
        bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people[:number])))
    bench.server.handlers[Kind.CHANNEL].remove(
        bench.one(Key(Kind.CHANNEL, f"{team}/{channels[1]}")), bench.run
    )
    everybody = bench.all(Kind.USER)
    # Enough channels that asking each person is shorter, by asking for some more than once.
    keys = [channel_key(team, c) for c in channels]
    handler = bench.server.handlers[Kind.CHANNEL_MEMBERS]
    by_channel = {live.key: live.resource for live in handler.read(keys, bench.run.ids)}
    more = list(bench.all(Kind.CHANNEL))
    many = [Key(Kind.CHANNEL_MEMBERS, k.name) for k in more]
    while len(more) <= len(everybody) + 1:
        more.append(Key(Kind.CHANNEL, f"{team}/{bench.channel(team)}"))
        many.append(Key(Kind.CHANNEL_MEMBERS, more[-1].name))
    before = bench.calls
    by_person = {live.key: live.resource for live in handler.read(many, bench.run.ids)}
    assert bench.calls - before == len(everybody)
    assert {k: by_person[k] for k in keys} == by_channel


def test_names_unknown_to_the_run_are_looked_up(bench: Bench) -> None:
    team, (ida,) = bench.staffed(1)
    channel = bench.channel(team)
    found = bench.server.handlers[Kind.CHANNEL_MEMBERS].read([channel_key(team, channel)], Ids())
    assert [live.key for live in found] == [channel_key(team, channel)]
    other = Bench(bench.server)
    assert not other.create(
        ChannelMembers(team=team, channel=channel, members=frozenset({ida}))
    ).failed
    assert bench.members(team, channel) == {ida}


def test_an_account_made_behind_our_back_is_found(bench: Bench) -> None:
    team = bench.team()
    bench.all(Kind.USER)
    name = bench.fresh("late")
    row = bench.server.client.post(
        "/users",
        {"username": name, "email": f"{name}@nordlys.example", "password": "Sup3r-secret!"},
    )
    ident = bench.one(team_key(team)).id
    bench.server.client.post(f"/teams/{ident}/members", {"team_id": ident, "user_id": row["id"]})
    assert name in bench.one(team_key(team)).resource.members


def test_many_go_by_setting_the_members_exactly(own: Own) -> None:
    """11.6.1 and later: one call for all, and nobody else is thrown out."""
    _, bench = own(version="11.7.0")
    team, people = bench.staffed(EXACT_PAYS + 2)
    channel = bench.channel(team)
    client = bench.server.client
    client.put("/config/patch", {"ServiceSettings": {"EnableBotAccountCreation": True}})
    robo = client.post("/bots", {"username": "robo", "display_name": "Robo"})["user_id"]
    bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people)))
    live = bench.one(channel_key(team, channel))
    client.post(
        f"/teams/{bench.one(team_key(team)).id}/members",
        {"team_id": bench.one(team_key(team)).id, "user_id": robo},
    )
    client.post(f"/channels/{live.id}/members", {"user_id": robo})
    before = bench.calls
    result = bench.update(
        channel_key(team, channel), members=frozenset({people[0], bench.server.me})
    )
    assert not result.failed
    assert bench.calls - before < EXACT_PAYS
    assert bench.members(team, channel) == {people[0]}
    rows = client.get(f"/channels/{live.id}/members", {"per_page": 200})
    assert robo in {row["user_id"] for row in rows}


def test_the_same_on_a_server_without_that_call(own: Own) -> None:
    """One that says 11.6.1 and does not have it: tried once, then one by one."""
    _, bench = own(version="11.6.0")
    handler = bench.server.handlers[Kind.CHANNEL_MEMBERS]
    handler._exact = True
    for _ in range(2):
        team, people = bench.staffed(EXACT_PAYS)
        channel = bench.channel(team)
        bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people)))
        bench.update(channel_key(team, channel), members=frozenset({bench.server.me}))
        assert bench.members(team, channel) == set()
        assert handler._exact is False


def test_setting_exactly_names_who_could_not_come_in(own: Own) -> None:
    _, bench = own(version="11.7.0")
    team, people = bench.staffed(EXACT_PAYS)
    outsider = bench.user()
    channel = bench.channel(team)
    bench.create(ChannelMembers(team=team, channel=channel, members=frozenset(people)))
    result = bench.update(
        channel_key(team, channel), members=frozenset({outsider, bench.server.me})
    )
    assert result.failed.keys() == {outsider}
    assert bench.members(team, channel) == set()


def test_whom_the_run_made_need_not_be_asked_for(bench: Bench) -> None:
    name, team = bench.user(), bench.team()
    before = bench.calls
    bench.create(TeamMembers(team=team, members=frozenset({name})))
    assert bench.calls - before == 1


def test_a_channel_is_looked_after(bench: Bench) -> None:
    team, (ida, bo, mette) = bench.staffed(3)
    channel, me = bench.channel(team), bench.server.me
    key = channel_key(team, channel)
    wish = ChannelMembers(
        team=team, channel=channel, members=frozenset({ida, bo}), leads=frozenset({ida})
    )
    assert not bench.create(wish).failed
    live = bench.one(key).resource
    # Whoever makes a channel is in it, and looks after it.
    assert (live.members, live.leads) == ({ida, bo, me}, {ida, me})
    bench.update(key, members=frozenset({bo, mette, me}), leads=frozenset({mette, me}))
    live = bench.one(key).resource
    assert (live.members, live.leads) == ({bo, mette, me}, {mette, me})
    bench.update(key, leads=frozenset({bo, me}))
    assert bench.one(key).resource.leads == {bo, me}


def test_leads_are_read_the_same_however_they_are_read(own: Own) -> None:
    _, bench = own(user_limit=None)
    team, people = bench.staffed(4)
    channels = [bench.channel(team) for _ in range(9)]
    for channel, lead in zip(channels, people * 3, strict=False):
        bench.create(
            ChannelMembers(
                team=team, channel=channel, members=frozenset(people), leads=frozenset({lead})
            )
        )
    keys = [channel_key(team, c) for c in channels]
    by_channel = {k: v.resource for k, v in bench.read(*keys).items()}
    bench.all(Kind.USER)
    assert {k: v.resource for k, v in bench.read(*keys).items()} == by_channel
    handler = bench.server.handlers[Kind.CHANNEL_MEMBERS]
    assert isinstance(handler, ChannelMembersHandler)
    ident = bench.run.ids.get(Kind.CHANNEL, keys[0].name)
    me = bench.server.me
    assert handler._listed(ident) == by_channel[keys[0]].members
    assert handler._listed(ident, channel_roles="channel_admin") == {people[0], me}


def test_who_cannot_look_after_a_channel_fails_alone(bench: Bench) -> None:
    team, (ida, bo) = bench.staffed(2)
    stranger, channel = bench.user(), bench.channel(team)
    wish = ChannelMembers(
        team=team,
        channel=channel,
        members=frozenset({ida, stranger}),
        leads=frozenset({ida, stranger}),
    )
    assert bench.create(wish).failed.keys() == {stranger}
    assert bench.one(channel_key(team, channel)).resource.leads == {ida, bench.server.me}
    assert bo not in bench.one(channel_key(team, channel)).resource.members
