"""What newer releases than the sandbox's do differently, bent into its answers by a relay.

Sources: the release notes of 9.0 (refusals become 403 `error-forbidden`, `users.create` asks for
the second factor), and the request schemas of 8.8 (one person an invitation).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential, Onboarding
from chatops.platforms.rocketchat.client import Client
from chatops.resources import ADMIN, MEMBER, UNKNOWN, Channel, ChannelMembers, Key, Kind
from chatops.sandbox.server import Sandbox
from tests.platforms.rocketchat.conftest import NETWORK, PASSWORD, Bench, connect, seed
from tests.platforms.rocketchat.relay import Bend, Relay, relay

RENAMED = {"error-not-allowed", "error-action-not-allowed", "error-not-authorized"}
TOTP = {
    "success": False,
    "error": "TOTP Required [totp-required]",
    "errorType": "totp-required",
    "details": {"method": "password", "codeGenerated": False, "availableMethods": []},
}


def _ask(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any] | None:
    if path.endswith("/users.create") and "x-2fa-code" not in headers:
        return 400, TOTP
    if path.endswith("/channels.invite") and "userIds" in body:
        error = "must match exactly one schema in oneOf [invalid-params]"
        return 400, {"success": False, "error": error, "errorType": "invalid-params"}
    return None


def _answer(path: str, status: int, data: Any) -> tuple[int, Any]:
    if path == "/api/info" and "info" in data:
        data = {**data, "version": "9.0.0"}
    if status == 400 and isinstance(data, dict) and data.get("errorType") in RENAMED:
        said = str(data.get("error", "")).partition(" [")[0]
        return 403, {"success": False, "error": said, "errorType": "error-forbidden"}
    return status, data


@pytest.fixture
def nine() -> Iterator[Relay]:
    with Sandbox("rocketchat") as sandbox:
        seed(sandbox.url)
        with relay(sandbox.url, Bend(_ask, _answer)) as between:
            yield between


@contextmanager
def _bench(between: Relay) -> Iterator[Bench]:
    server = connect(between.url)
    try:
        yield Bench(server)
    finally:
        server.close()


def test_the_release_is_known_and_needs_no_remark(nine: Relay) -> None:
    with _bench(nine) as bench:
        assert bench.server.release.version == (9, 0, 0)
        assert bench.server.remarks == ()


def test_making_people_asks_for_the_second_factor_once_in_vain(nine: Relay) -> None:
    with _bench(nine) as bench:
        start = len(nine.heard)
        bench.users(3)
    made = [said for said in nine.heard[start:] if said[1].endswith("users.create")]
    assert len(made) == 4


def test_people_are_invited_one_by_one_where_lists_are_refused(nine: Relay) -> None:
    with _bench(nine) as bench:
        team, names = bench.staffed(3)
        for _ in range(2):
            channel = bench.channel(team)
            start = len(nine.heard)
            wish = ChannelMembers(team=team, channel=channel, members=frozenset(names))
            assert bench.create(wish).failed == {}
            assert bench.members(team, channel) == set(names)
        again = [said[2] for said in nine.heard[start:] if said[1].endswith("channels.invite")]
        assert all("userId" in body for body in again)
        # Private ones still take the list: their schema has it.
        channel = bench.channel(team, private=True)
        start = len(nine.heard)
        wish = ChannelMembers(team=team, channel=channel, members=frozenset(names))
        assert bench.create(wish).failed == {}
        sent = [said for said in nine.heard[start:] if said[1].endswith("groups.invite")]
        assert len(sent) == 1


def test_the_last_admin(nine: Relay) -> None:
    with _bench(nine) as bench:
        me = Key(Kind.USER, bench.server.me)
        with pytest.raises(ApiError, match="active admin") as caught:
            bench.remove(me)
        assert (caught.value.status, caught.value.code) == (403, "error-forbidden")
        assert bench.one(me).resource.active is True


def test_a_private_channel_that_this_account_is_not_in(nine: Relay) -> None:
    with _bench(nine) as bench:
        bench.run = replace(bench.run, onboarding=Onboarding.SSO)
        name = bench.user(roles=frozenset({MEMBER}))
        team = bench.team()
        person = Client(nine.url, NETWORK, Credential(username=name, password=PASSWORD))
        person.sign_in()
        channel = bench.fresh("secret")
        ident = person.post("groups.create", {"name": channel})["group"]["_id"]
        person.sign_out()
        wish = Channel(team=team, name=channel)
        bench.run.ids.put(wish.key, ident)
        live = bench.one(ChannelMembers(team=team, channel=channel).key)
        assert live.resource.members is UNKNOWN
        other = bench.user(roles=frozenset({ADMIN}))
        with pytest.raises(ApiError) as caught:
            bench.create(
                ChannelMembers(team=team, channel=channel, members=frozenset({other, name}))
            )
        assert caught.value.status == 403
        assert "may not" in caught.value.message
