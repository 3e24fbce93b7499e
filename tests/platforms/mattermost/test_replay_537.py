"""The client against what Mattermost 5.37 said: what older servers say differently."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.errors import CredentialError
from chatops.platforms.base import Action, Change, Credential, Network, Run, Target
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.handlers.channel_members import EXACT_PAYS
from chatops.platforms.mattermost.server import MattermostServer
from chatops.resources import (
    ADMIN,
    MEMBER,
    ChannelMembers,
    Ids,
    Key,
    Kind,
    Live,
    Setting,
    TeamMembers,
)
from chatops.secrets import Secret

from .replay import Replay, ident

RECORDING = Path(__file__).parents[2] / "recordings" / "mattermost-5.37.jsonl"
ADMIN_PASSWORD = Secret("Sup3r-secret!pw")


@pytest.fixture
def replay() -> Iterator[Replay]:
    with Replay(RECORDING) as running:
        yield running


@pytest.fixture
def server(replay: Replay) -> Iterator[MattermostServer]:
    connected = PLATFORM.connect(
        Target(
            url=replay.url,
            credential=Credential(username="root-admin", password=ADMIN_PASSWORD),
        )
    )
    assert isinstance(connected, MattermostServer)
    yield connected
    connected.close()


def run_with(server: MattermostServer) -> Run:
    """A run that knows everything the recording lists."""
    run = Run(ids=Ids())
    for kind in (Kind.USER, Kind.TEAM, Kind.CHANNEL):
        list(server.handlers[kind].read(None, run.ids))
    return run


def test_connects_with_the_old_format_and_without_limits(
    replay: Replay, server: MattermostServer
) -> None:
    assert server.release.version == (5, 37, 0)
    assert server.release.edition == "team"
    assert server.me == "root-admin"
    assert server.limits.people is None
    assert ("GET", "/config/client", {"format": "old"}, None) in replay.asked
    assert "older than 10.11" in server.remarks[0]


def test_a_wrong_password_is_no_credential(replay: Replay) -> None:
    wrong = Credential(username="root-admin", password=Secret("nope"))
    with pytest.raises(CredentialError) as caught:
        PLATFORM.connect(Target(url=replay.url, credential=wrong))
    assert "CHATOPS_PASSWORD" in caught.value.hint


def test_an_empty_server_says_so(replay: Replay) -> None:
    assert PLATFORM.is_empty(replay.url, Network()) is True


def test_reads_people_teams_and_channels(server: MattermostServer) -> None:
    run = run_with(server)
    people = {u.resource.username: u for u in server.handlers[Kind.USER].read(None, run.ids)}
    assert people["root-admin"].resource.roles == frozenset({ADMIN})
    assert people["ada"].resource.name == "Ada Example"
    assert people["ada"].resource.roles == frozenset({MEMBER})
    teams = {t.resource.name: t for t in server.handlers[Kind.TEAM].read(None, run.ids)}
    assert teams["engineering"].resource.description == "makers"
    channels = {c.key.name: c for c in server.handlers[Kind.CHANNEL].read(None, run.ids)}
    assert channels["engineering/secret"].resource.private is True
    assert channels["engineering/town-square"].protected


def test_reads_members_and_leads(server: MattermostServer) -> None:
    run = run_with(server)
    found = server.handlers[Kind.TEAM_MEMBERS].read(
        [Key(Kind.TEAM_MEMBERS, "engineering")], run.ids
    )
    (live,) = found
    assert live.resource == TeamMembers(
        team="engineering",
        members=frozenset({"root-admin", "ada", "bob", "cyd", "dan", "eli"}),
        leads=frozenset({"root-admin"}),
    )


def test_settings_that_the_old_server_has(server: MattermostServer) -> None:
    found = {s.resource.name: s for s in server.handlers[Kind.SETTING].read(None, Ids())}
    assert found["company.name"].resource.value == "Mattermost"
    assert found["limits.people_per_team"].resource.value == 100_000
    assert found["sign_in.self_registration"].resource.value is False
    # The whole section is missing in the recorded answer: shown as empty, not as a failure.
    assert found["storage.files.bucket"].resource.value == ""


def test_a_setting_is_patched_and_looked_at(replay: Replay, server: MattermostServer) -> None:
    wish = Setting(name="limits.people_per_team", value=1000)
    have = Live(resource=Setting(name="limits.people_per_team", value=50), id="x")
    change = Change(action=Action.UPDATE, key=wish.key, want=wish, have=have, changed=("value",))
    server.handlers[Kind.SETTING].update(change, Run(ids=Ids()))
    patches = replay.calls("PUT", "/config/patch")
    assert patches == [{"TeamSettings": {"MaxUsersPerTeam": 1000}}]


def test_people_come_into_a_channel_one_by_one(replay: Replay, server: MattermostServer) -> None:
    run = run_with(server)
    handler = server.handlers[Kind.CHANNEL_MEMBERS]
    wish = ChannelMembers(
        team="engineering", channel="dev", members=frozenset({"ada", "bob", "cyd"})
    )
    assert not handler.create(wish, run).failed
    adding = f"/channels/{ident(19)}/members"
    people = {name: run.ids.get(Kind.USER, name) for name in ("ada", "bob", "cyd")}
    first, *rest = replay.calls("POST", adding)
    assert sorted(first["user_ids"]) == sorted(people.values())
    assert [body["user_id"] for body in rest] == [people[n] for n in ("ada", "bob", "cyd")]
    # It is remembered: the next time no list is tried.
    handler.create(wish, run)
    assert all("user_ids" not in body for body in replay.calls("POST", adding)[4:])


def test_nobody_is_set_exactly_on_an_old_server(replay: Replay, server: MattermostServer) -> None:
    run = run_with(server)
    people = server.handlers[Kind.USER].read(None, run.ids)
    have = ChannelMembers(
        team="engineering", channel="dev", members=frozenset(p.resource.username for p in people)
    )
    assert isinstance(have.members, frozenset)
    assert len(have.members) > EXACT_PAYS
    want = ChannelMembers(team="engineering", channel="dev", members=frozenset())
    change = Change(
        action=Action.UPDATE,
        key=want.key,
        want=want,
        have=Live(resource=have, id=ident(19)),
        changed=("members",),
    )
    result = server.handlers[Kind.CHANNEL_MEMBERS].update(change, run)
    assert not replay.calls("PUT", f"/channels/{ident(19)}/members")
    # "Not a member" is what was wanted.
    assert replay.calls("DELETE", f"/channels/{ident(19)}/members/{ident(3)}")
    assert "bob" not in result.failed
