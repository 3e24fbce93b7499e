"""What Rocket.Chat 6.5 said differently, said again by a replay of a real one's answers.

The replay has no rules: these tests show that the client reads the old answers, not that the
old server would give them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatops.errors import AmbiguousError, ApiError
from chatops.platforms.base import Action, Change, Credential, Network, Run, Target
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.server import RocketChatServer
from chatops.resources import (
    Channel,
    ChannelMembers,
    Ids,
    Key,
    Kind,
    Live,
    Setting,
    Team,
    TeamMembers,
    User,
)
from chatops.secrets import Secret
from tests.platforms.rocketchat.replay import Replay, line, recorded, replay

STEPS = recorded("6.5")
PASSWORD = "Admin-pass-1"
UNKNOWN_GET = "404 unknown v1 endpoint"
RUN = Run(ids=Ids())


@contextmanager
def _server(*extra: str | dict[str, Any]) -> Iterator[tuple[RocketChatServer, Replay]]:
    """A connection to the replay, which knows the steps named besides those of signing in."""
    first = ("api/info burst anonymous #1", "login good username", "licenses.info")
    lines = [STEPS[step] for step in first]
    lines += [STEPS[step] if isinstance(step, str) else step for step in extra]
    with replay(lines) as heard:
        credential = Credential(username="rcadmin", password=Secret(PASSWORD))
        target = Target(url=heard.url, credential=credential, network=Network(connect_timeout=5))
        server = PLATFORM.connect(target)
        yield server, heard


def _run(**ids: dict[str, str]) -> Run:
    run = Run(ids=Ids())
    for kind, names in ids.items():
        for name, ident in names.items():
            run.ids.put(Key(Kind[kind.upper()], name), ident)
    return run


def test_the_old_release_is_known_and_remarked_on() -> None:
    with _server() as (server, _):
        assert server.release.version == (6, 5)
        assert server.release.edition == "community"
        assert server.me == "rcadmin"
        assert any("upgrade" in remark for remark in server.remarks)
        assert server.limits.people is None


def test_everybody_is_read() -> None:
    with _server("users.list default") as (server, _):
        found = {live.key.name: live for live in server.handlers[Kind.USER].read(None, Ids())}
    shown = [row for row in STEPS["users.list default"]["response"]["users"] if "_id" in row]
    assert set(found) == {row["username"] for row in shown}
    assert all(live.resource.email == live.resource.email.lower() for live in found.values())


def test_a_call_that_the_old_release_does_not_have_answers_with_a_page() -> None:
    unknown = {**STEPS[UNKNOWN_GET], "path": "/api/v1/smtp.check"}
    with _server(unknown) as (server, _), pytest.raises(ApiError) as caught:
        server.client.get("smtp.check")
    assert STEPS[UNKNOWN_GET]["status"] == 200
    assert caught.value.code == "no-such-endpoint"


@pytest.mark.parametrize("step", ["404 unknown POST", "wrong verb POST on GET endpoint"])
def test_unknown_posts(step: str) -> None:
    unknown = {**STEPS[step], "path": "/api/v1/users.list"}
    with _server(unknown) as (server, _), pytest.raises(ApiError) as caught:
        server.client.post("users.list", {})
    assert caught.value.code == "no-such-endpoint"


def test_a_person_is_made_and_a_second_one_of_the_name_is_refused() -> None:
    ida = User(username="alice", name="Alice A", email="alice@example.com")
    with _server("users.create min", "users.create duplicate username") as (server, _):
        assert server.handlers[Kind.USER].create(ida, RUN).id == "<id1>"
        with pytest.raises(ApiError) as caught:
            server.handlers[Kind.USER].create(ida, RUN)
    assert caught.value.code == "error-field-unavailable"


def test_the_number_as_error_code_is_a_name_that_is_taken() -> None:
    race = User(username="race", name="r", email="race@example.com")
    step = "users.create same user 4x in parallel #2"
    with _server(step) as (server, _), pytest.raises(ApiError) as caught:
        server.handlers[Kind.USER].create(race, RUN)
    assert STEPS[step]["response"]["errorType"] == 403
    assert caught.value.code == "taken"


def test_a_person_who_may_be_half_made_is_looked_for_again() -> None:
    """Old releases fail after the account stands; nobody is then told it was refused."""
    broken = "Cannot read property 'x' of undefined [error-unheard-of]"
    answer = line("POST", "users.create", {"success": False, "error": broken}, 400)
    with _server(answer) as (server, _), pytest.raises(AmbiguousError, match="ida"):
        server.handlers[Kind.USER].create(User(username="ida", email="i@x.example"), RUN)


def _change(want: Any, have: Any, ident: str, *changed: str) -> Change[Any]:
    live = Live(resource=have, id=ident)
    return Change(action=Action.UPDATE, key=want.key, want=want, have=live, changed=changed)


def test_a_rename_to_a_taken_name() -> None:
    steps = ("users.info by id", "users.update dup username")
    with _server(*steps) as (server, _), pytest.raises(ApiError) as caught:
        want, have = User(username="bob"), User(username="david")
        server.handlers[Kind.USER].update(_change(want, have, "<id6>", "username"), RUN)
    assert "taken" in caught.value.message


def test_bio_and_nickname_go_along_so_that_they_are_not_wiped() -> None:
    person = {**STEPS["users.info as non-admin"]["response"]["user"], "_id": "<id4>"}
    info = line("GET", "users.info", {"user": person, "success": True})
    with _server(info, "users.update name") as (server, heard):
        want, have = User(username="bob", name="Bob New"), User(username="bob", name="Bob B")
        server.handlers[Kind.USER].update(_change(want, have, "<id4>", "name"), RUN)
    (call,) = heard.sent("POST users.update")
    assert call.body["data"] == {"name": "Bob New", "bio": "hi", "nickname": "bobby"}


def test_roles_are_given_by_their_id() -> None:
    """The old release takes names as well; the newer one takes nothing but the id."""
    added = STEPS["roles.addUserToRole moderator"]
    again = STEPS["roles.addUserToRole again"]
    with _server(added, again) as (server, heard):
        want = User(username="bob", roles=frozenset({"admin"}))
        have = User(username="bob", roles=frozenset({"member"}))
        for _ in range(2):
            server.handlers[Kind.USER].update(_change(want, have, "<id4>", "roles"), RUN)
    bodies = [call.body for call in heard.sent("POST roles.addUserToRole")]
    assert bodies == [{"roleId": "admin", "username": "bob"}] * 2


def test_a_setting_is_written_whether_the_second_factor_is_asked_or_remembered() -> None:
    post = STEPS["settings POST again without code (remembered on token)"]
    with _server(post) as (server, heard):
        want = Setting(name="company.name", value="Recorder0d")
        server.handlers[Kind.SETTING].create(want, RUN)
    assert heard.sent("POST settings/Site_Name")[0].body == {"value": "Recorder0d"}


def test_a_setting_that_does_not_exist() -> None:
    bare = {**STEPS["settings post unknown id"], "path": "/api/v1/settings/Site_Name"}
    with _server(bare) as (server, _), pytest.raises(ApiError) as caught:
        server.handlers[Kind.SETTING].create(Setting(name="company.name", value="x"), RUN)
    assert caught.value.code == "setting-blocked"
    assert "Site_Name" in caught.value.message


def test_teams_and_their_members() -> None:
    steps = ("teams.create min", "teams.members", "teams.addMembers")
    with _server(*steps) as (server, heard):
        run = _run(user={"rcadmin": "<id0>", "alice": "<id1>", "bob": "<id4>"})
        made = server.handlers[Kind.TEAM].create(Team(name="team-one", open=True), run)
        run.ids.put(Key(Kind.TEAM, "team-one"), made.id)
        wish = TeamMembers(
            team="team-one", members=frozenset({"alice", "bob"}), leads=frozenset({"bob"})
        )
        assert server.handlers[Kind.TEAM_MEMBERS].create(wish, run).failed == {}
        (live,) = server.handlers[Kind.TEAM_MEMBERS].read([wish.key], run.ids)
    assert live.resource.members == {"rcadmin", "alice", "bob"}
    assert live.resource.leads == {"rcadmin", "bob"}
    assert heard.sent("POST teams.addMembers")[0].body["members"] == [
        {"userId": "<id1>", "roles": ["member"]},
        {"userId": "<id4>", "roles": ["owner"]},
    ]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("teams.create duplicate", "team-name-already-exists"),
        ("teams.create same as channel", "room-name-already-exists"),
        ("teams.create spaces", "error-team-creation"),
    ],
)
def test_teams_that_are_refused_with_bare_strings(step: str, code: str) -> None:
    with _server(step) as (server, _), pytest.raises(ApiError) as caught:
        server.handlers[Kind.TEAM].create(Team(name="x", open=False), RUN)
    assert caught.value.code == code
    assert caught.value.message != code


def test_a_channel_of_a_team_that_has_gone_is_made_without_team_by_the_old_release() -> None:
    """6.5 takes an unknown team without a word; the room is then not found in the team."""
    step = STEPS["channels.create teamId unknown"]
    rooms = line("GET", "rooms.adminRooms", {"rooms": [step["response"]["channel"]], "total": 1})
    run = _run(team={"ops": "gone"})
    with _server(step, rooms) as (server, _):
        server.handlers[Kind.CHANNEL].create(Channel(team="ops", name="channel-tm"), run)
        assert list(server.handlers[Kind.CHANNEL].read(None, run.ids)) == []


@pytest.mark.parametrize(("family", "private"), [("channels", False), ("groups", True)])
def test_people_are_invited_together_and_taken_out_twice(family: str, private: bool) -> None:
    invite, kick = STEPS[f"{family}.invite userIds"], STEPS[f"{family}.kick again"]
    members = {
        **STEPS["groups.members"],
        "path": f"/api/v1/{family}.members",
    }
    kind = {"_id": "room", "t": "p" if private else "c", "success": True}
    room = line("GET", "rooms.adminRooms.getRoom", kind)
    run = _run(
        user={"rcadmin": "<id0>", "alice": "<id1>", "bob": "<id4>", "carol": "<id5>"},
        channel={"ops/wages": "room"},
    )
    with _server(invite, kick, members, room) as (server, heard):
        want = ChannelMembers(
            team="ops", channel="wages", members=frozenset({"alice", "bob", "rcadmin"})
        )
        have = ChannelMembers(team="ops", channel="wages", members=frozenset({"carol", "rcadmin"}))
        result = server.handlers[Kind.CHANNEL_MEMBERS].update(
            _change(want, have, "room", "members"), run
        )
    assert result.failed == {}
    assert heard.sent(f"POST {family}.invite")[0].body["userIds"] == ["<id1>", "<id4>"]
    assert heard.sent(f"POST {family}.kick")[0].body == {"roomId": "room", "userId": "<id5>"}
    # Added first, looked at, taken out last.
    names = [call.name.partition(".")[2] for call in heard.calls]
    assert names.index("invite") < names.index("members") < names.index("kick")


def test_a_throttled_account_waits_as_told() -> None:
    line_429 = STEPS["non-admin me burst #11"]
    assert line_429["status"] == 429
    text = line_429["response"]["error"].replace("37 seconds", "0 seconds")
    busy = {**line_429, "path": "/api/v1/users.info", "response": {"error": text}}
    with _server(busy, "users.info by id") as (server, heard):
        assert server.client.get("users.info", userId="<id1>")["user"]["username"] == "alice"
    assert len(heard.sent("GET users.info")) == 2
