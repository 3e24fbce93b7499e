"""The first admin, signing in, and what the server says of itself."""

from collections.abc import Callable

import pytest

from chatops.errors import ApiError, CredentialError, RefusedError, UnreachableError
from chatops.platforms.base import AdminSeed, Credential
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.client import Client
from chatops.resources import Ids, Kind
from chatops.sandbox.server import Sandbox
from chatops.secrets import Secret
from tests.platforms.rocketchat.conftest import ADMIN, NETWORK, Bench, connect

SEED = AdminSeed(
    username="root-admin",
    email="root-admin@nordlys.example",
    name="Root Admin",
    password=Secret("Sandbox-admin-1!"),
)


def test_an_empty_server_gets_its_admin_and_a_closed_door() -> None:
    with Sandbox("rocketchat") as sandbox:
        assert PLATFORM.is_empty(sandbox.url, NETWORK)
        PLATFORM.bootstrap(sandbox.url, SEED, NETWORK)
        assert not PLATFORM.is_empty(sandbox.url, NETWORK)
        server = connect(sandbox.url)
        try:
            settings = server.handlers[Kind.SETTING].read(None, Ids())
            values = {live.resource.name: live.resource.value for live in settings}
            assert values["sign_in.self_registration"] is False
            assert server.remarks == ()
            assert server.me == "root-admin"
        finally:
            server.close()
        with pytest.raises(ApiError):
            PLATFORM.bootstrap(sandbox.url, SEED, NETWORK)


def test_asking_whether_a_server_is_empty_makes_nobody() -> None:
    with Sandbox("rocketchat") as sandbox:
        for _ in range(3):
            assert PLATFORM.is_empty(sandbox.url, NETWORK)


def test_a_password_that_the_policy_refuses() -> None:
    with Sandbox("rocketchat") as sandbox:
        weak = AdminSeed(
            username="root", email="r@x.example", name="R", password=Secret("short-1A")
        )
        with pytest.raises(ApiError, match="policy"):
            PLATFORM.bootstrap(sandbox.url, weak, NETWORK)
        assert PLATFORM.is_empty(sandbox.url, NETWORK)


def test_somebody_else_was_first() -> None:
    with Sandbox("rocketchat") as sandbox:
        stranger = Client(sandbox.url, NETWORK, Credential())
        stranger.post(
            "users.register",
            {
                "username": "mallory",
                "email": "m@x.example",
                "name": "M",
                "pass": "Mallory-pass-1!",
            },
        )
        with pytest.raises(RefusedError, match="somebody was there before"):
            PLATFORM.bootstrap(sandbox.url, SEED, NETWORK)


def test_the_server_names_its_release(bench: Bench) -> None:
    release = bench.server.release
    assert release.version[0] >= 8
    assert len(release.version) == 3
    assert release.edition == "community"
    assert bench.server.limits.people is None
    assert bench.server.limits.people_now >= 1


def test_a_wrong_password(url: str) -> None:
    with pytest.raises(CredentialError) as caught:
        connect(url, Credential(username="root-admin", password=Secret("wrong-password")))
    assert "CHATOPS_PASSWORD" in caught.value.hint


def test_nothing_listens() -> None:
    with pytest.raises(UnreachableError):
        connect("http://127.0.0.1:9")


def test_a_personal_token_reads_and_says_what_it_cannot_write(url: str) -> None:
    client = Client(url, NETWORK, ADMIN)
    account = client.sign_in()
    token = client.post(
        "users.generatePersonalAccessToken",
        {"tokenName": "chatops-test", "bypassTwoFactor": True},
    )["token"]
    try:
        server = connect(url, Credential(token=Secret(token), user_id=account["_id"]))
        assert any("second factor" in remark for remark in server.remarks)
        settings = list(server.handlers[Kind.SETTING].read(None, Ids()))
        assert settings
        assert all("second factor" in live.locked["value"] for live in settings)
        server.close()
        # Closing leaves the token alone.
        connect(url, Credential(token=Secret(token), user_id=account["_id"])).close()
    finally:
        client.post("users.removePersonalAccessToken", {"tokenName": "chatops-test"})
        client.sign_out()


def test_a_session_that_was_ended_elsewhere_is_begun_again(bench: Bench) -> None:
    bench.server.client.http.call("POST", "/api/v1/logout", repeatable=True)
    assert bench.server.client.get("me")["username"] == bench.server.me


def test_a_closed_server_has_no_session_left(url: str) -> None:
    server = connect(url)
    headers = dict(server.client.http.authorize())
    server.close()
    stranger = Client(url, NETWORK, Credential())
    stranger.http.authorize = lambda: headers
    with pytest.raises(CredentialError):
        stranger.get("me")


def test_a_server_that_was_restarted(own: Callable[..., tuple[Sandbox, Bench]]) -> None:
    sandbox, bench = own()
    name = bench.user()
    sandbox.restart()
    assert any(key.name == name for key in bench.all(Kind.USER))
