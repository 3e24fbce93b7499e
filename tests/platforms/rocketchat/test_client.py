"""Signing in, the second factor, lists and lost sessions: against answers written by hand."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatops.errors import ApiError, CredentialError, ServerError
from chatops.platforms.base import Credential, Network, Target
from chatops.platforms.rocketchat import PLATFORM
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.server import RocketChatServer
from chatops.resources import Ids, Kind
from chatops.secrets import Secret
from tests.platforms.rocketchat.replay import Replay, line, replay

NETWORK = Network(connect_timeout=5, read_timeout=10)
PASSWORD = "Admin-pass-1"
DIGEST = hashlib.sha256(PASSWORD.encode()).hexdigest()
BY_NAME = Credential(username="root", password=Secret(PASSWORD))
BY_TOKEN = Credential(token=Secret("token-of-root"), user_id="id-of-root")

INFO = line("GET", "/api/info", {"version": "8.3", "success": True})
FULL_INFO = line("GET", "/api/info", {"version": "8.3.1", "info": {}, "success": True})
ME = {"_id": "id-of-root", "username": "root", "roles": ["user", "admin"]}
GET_ME = line("GET", "me", {**ME, "success": True})
LICENCE = line(
    "GET",
    "licenses.info",
    {
        "license": {
            "activeModules": [],
            "limits": {"activeUsers": {"max": -1, "value": 7}},
            "tags": [],
        },
        "success": True,
    },
)
SIGNED_OUT = {"success": False, "error": "You must be logged in to do this."}
TOTP = {
    "success": False,
    "error": "TOTP Required [totp-required]",
    "errorType": "totp-required",
    "details": {"method": "password", "codeGenerated": False, "availableMethods": []},
}
TOTP_INVALID = {"success": False, "error": "x [totp-invalid]", "errorType": "totp-invalid"}
OK: dict[str, Any] = {"success": True}
WITH_CODE = {"request_headers": {"x-2fa-code": DIGEST}}


def _login(token: str = "session-1") -> dict[str, Any]:
    data = {"userId": "id-of-root", "authToken": token, "me": ME}
    return line("POST", "login", {"status": "success", "data": data})


@contextmanager
def _client(*lines: dict[str, Any], credential: Credential = BY_NAME) -> Iterator[Any]:
    with replay([INFO, FULL_INFO, GET_ME, *lines]) as server:
        client = Client(server.url, NETWORK, credential)
        client.sign_in()
        yield client, server


@contextmanager
def _connected(
    *lines: dict[str, Any], credential: Credential = BY_NAME
) -> Iterator[tuple[RocketChatServer, Replay]]:
    with replay([INFO, FULL_INFO, GET_ME, LICENCE, *lines]) as server:
        connected = PLATFORM.connect(Target(url=server.url, credential=credential, network=NETWORK))
        yield connected, server


def test_signing_in_by_name_and_out_again() -> None:
    logout = line("POST", "logout", "")
    with _connected(_login(), logout) as (server, heard):
        assert server.me == "root"
        assert server.release.version == (8, 3, 1)
        assert server.release.edition == "community"
        assert (server.limits.people, server.limits.people_now) == (None, 7)
        assert server.remarks == ()
        server.close()
    assert heard.sent("POST login")[0].body == {"user": "root", "password": PASSWORD}
    assert [call.headers["x-auth-token"] for call in heard.sent("POST logout")] == ["session-1"]


def test_few_calls_to_connect() -> None:
    with _connected(_login()) as (server, heard):
        assert server.client.http.calls == len(heard.calls) == 4


def test_a_token_is_never_signed_out() -> None:
    refused = line("POST", "settings/Chatops_Probe", {"success": False}, 400)
    with _connected(refused, credential=BY_TOKEN) as (server, heard):
        server.close()
    assert heard.sent("POST logout") == heard.sent("POST login") == []
    assert heard.calls[-1].headers["x-user-id"] == "id-of-root"


def test_a_session_that_is_gone_already_is_no_failure() -> None:
    gone = line("POST", "logout", SIGNED_OUT, 401)
    with _connected(_login(), gone) as (server, heard):
        server.close()
        server.close()
    assert len(heard.sent("POST logout")) == 1


def test_a_token_without_its_user() -> None:
    with (
        pytest.raises(CredentialError, match="id of its user") as caught,
        _client(credential=Credential(token=Secret("token-of-root"))),
    ):
        raise AssertionError
    assert "CHATOPS_USER_ID" in caught.value.hint


def test_a_token_that_the_server_does_not_know() -> None:
    unknown = line("GET", "me", SIGNED_OUT, 401)
    with replay([INFO, unknown]) as server, pytest.raises(CredentialError) as caught:
        PLATFORM.connect(Target(url=server.url, credential=BY_TOKEN, network=NETWORK))
    assert "CHATOPS_TOKEN" in caught.value.hint


def test_the_second_factor_goes_along_where_it_is_always_asked_for() -> None:
    accepted = line("POST", "settings/Site_Name", OK, **WITH_CODE)
    with _client(_login(), accepted) as (client, heard):
        client.post("settings/Site_Name", {"value": "x"})
    (call,) = heard.sent("POST settings/Site_Name")
    assert call.headers["x-2fa-code"] == DIGEST
    assert call.headers["x-2fa-method"] == "password"


def test_the_second_factor_is_answered_where_it_was_not_expected_and_then_remembered() -> None:
    asked = line("POST", "users.create", TOTP, 400)
    accepted = line("POST", "users.create", OK, **WITH_CODE)
    with _client(_login(), asked, accepted) as (client, heard):
        client.post("users.create", {"username": "a"})
        client.post("users.create", {"username": "b"})
    assert ["x-2fa-code" in call.headers for call in heard.sent("POST users.create")] == [
        False,
        True,
        True,
    ]


def test_reading_never_shows_the_second_factor() -> None:
    read = line("GET", "settings/Site_Name", {**OK, "value": "x"})
    with _client(_login(), read) as (client, heard):
        client.get("settings/Site_Name")
    assert "x-2fa-code" not in heard.sent("GET settings/Site_Name")[0].headers


@pytest.mark.parametrize("answer", [TOTP, TOTP_INVALID])
def test_a_second_factor_that_is_not_the_password(answer: dict[str, Any]) -> None:
    refused = line("POST", "users.update", answer, 400)
    with _client(_login(), refused) as (client, heard), pytest.raises(ApiError) as caught:
        client.post("users.update", {})
    assert "not the password" in caught.value.message
    # Each wrong code counts against the account: it is tried once.
    assert len(heard.sent("POST users.update")) == 1


def test_a_bare_token_says_before_the_run_what_it_cannot_do() -> None:
    asked = line("POST", "settings/Chatops_Probe", TOTP, 400)
    rows = [{"_id": "Site_Name", "value": "Nordlys"}, {"_id": "Language", "value": "da"}]
    settings = line("GET", "settings", {**OK, "settings": rows, "total": 2})
    person = {"_id": "u1", "username": "ida", "name": "Ida", "roles": ["user"], "active": True}
    users = line("GET", "users.list", {**OK, "users": [person], "total": 1})
    with _connected(asked, settings, users, credential=BY_TOKEN) as (server, _):
        assert any("second factor" in remark for remark in server.remarks)
        found = {live.key.name: live for live in server.handlers[Kind.SETTING].read(None, Ids())}
        assert "second factor" in found["company.name"].locked["value"]
        (ida,) = server.handlers[Kind.USER].read(None, Ids())
        assert set(ida.locked) == {"username", "name", "email", "password"}


def test_a_bare_token_that_may_write() -> None:
    refused = line("POST", "settings/Chatops_Probe", {"success": False}, 400)
    with _connected(refused, credential=BY_TOKEN) as (server, _):
        assert server.remarks == ()


def test_an_expired_session_is_renewed_once() -> None:
    first, again = line("GET", "x", SIGNED_OUT, 401), line("GET", "x", {**OK, "ok": 1})
    with _client(_login("old"), _login("new"), first, again) as (client, heard):
        assert client.get("x")["ok"] == 1
    assert [call.headers["x-auth-token"] for call in heard.sent("GET x")] == ["old", "new"]


def test_eight_threads_renew_a_session_together_once() -> None:
    expired = line("GET", "x", SIGNED_OUT, 401, token="old")
    welcome = line("GET", "x", OK, token="new")
    barrier = threading.Barrier(8)

    def work(_: int) -> Any:
        barrier.wait(10)
        return client.get("x")

    with _client(_login("old"), _login("new"), expired, welcome) as (client, heard):
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sum(call.headers["x-auth-token"] == "new" for call in heard.sent("GET x")) == 8
    assert len(heard.sent("POST login")) == 2


def test_a_session_that_stays_unknown_is_given_up() -> None:
    refused = line("GET", "x", SIGNED_OUT, 401)
    with _client(_login(), refused) as (client, heard), pytest.raises(CredentialError):
        client.get("x")
    assert len(heard.sent("GET x")) == 2


def _page(rows: range, total: int, **more: Any) -> dict[str, Any]:
    found = [{"_id": str(n)} for n in rows]
    return line("GET", "things", {**OK, "things": found, "total": total, **more})


def test_a_list_that_comes_at_once() -> None:
    with _client(_login(), _page(range(250), 250)) as (client, heard):
        assert len(client.every("things", "things")) == 250
    assert [call.query["count"] for call in heard.sent("GET things")] == [["0"]]


def test_a_list_that_the_server_cuts_into_pages() -> None:
    pages = [_page(range(0, 100), 230), _page(range(100, 200), 230), _page(range(200, 230), 230)]
    with _client(_login(), *pages) as (client, heard):
        found = client.every("things", "things", at_once=False)
        assert sorted(int(row["_id"]) for row in found) == list(range(230))
    offsets = sorted(int(call.query["offset"][0]) for call in heard.sent("GET things"))
    assert offsets == [0, 100, 200]


def test_a_server_that_cuts_shorter_than_asked_for() -> None:
    pages = [_page(range(0, 50), 100), _page(range(50, 100), 100)]
    with _client(_login(), *pages) as (client, heard):
        assert len(client.every("things", "things")) == 100
    assert [call.query["offset"] for call in heard.sent("GET things")] == [["0"], ["50"]]


def test_nobody_is_counted_twice_when_pages_shift() -> None:
    pages = [_page(range(0, 50), 99), _page(range(49, 99), 99)]
    with _client(_login(), *pages) as (client, _):
        assert len(client.every("things", "things")) == 99


def test_errors_that_mean_done_already() -> None:
    already = line(
        "POST",
        "roles.addUserToRole",
        {"success": False, "errorType": "error-user-already-in-role"},
        400,
    )
    with _client(_login(), already) as (client, _):
        done = {"error-user-already-in-role"}
        assert client.post("roles.addUserToRole", {}, done=done) == {}
        with pytest.raises(ApiError, match=r"."):
            client.post("roles.addUserToRole", {})


def test_a_200_that_says_no() -> None:
    no = line("GET", "x", {"success": False, "error": "error-not-authorized"})
    with _client(_login(), no) as (client, _), pytest.raises(ApiError) as caught:
        client.get("x")
    assert caught.value.code == "error-not-authorized"


@pytest.mark.parametrize(
    "answer",
    [
        line("GET", "/api/info", {"hello": "world"}),
        line("GET", "/api/info", "404 page not found", 404),
        {**line("GET", "/api/info", "<html>"), "content_type": "text/html"},
    ],
)
def test_an_address_that_is_not_rocketchat(answer: dict[str, Any]) -> None:
    with replay([answer]) as server, pytest.raises(ServerError, match=r"Rocket\.Chat"):
        PLATFORM.connect(Target(url=server.url, credential=BY_NAME, network=NETWORK))


def test_an_account_that_is_no_admin_is_told_so() -> None:
    data = {"userId": "u", "authToken": "t", "me": {**ME, "roles": ["user"]}}
    login = line("POST", "login", {"status": "success", "data": data})
    with _connected(login) as (server, _):
        assert any("admin" in remark for remark in server.remarks)


@pytest.mark.parametrize(
    ("licence", "edition", "seats"),
    [
        (
            {"tags": [{"name": "Starter"}], "limits": {"activeUsers": {"max": 50, "value": 3}}},
            "starter",
            50,
        ),
        (
            {"tags": [{"name": "Pro"}], "limits": {"activeUsers": {"max": 500, "value": 3}}},
            "pro",
            500,
        ),
        ({"tags": [], "activeModules": ["auditing"], "limits": {}}, "enterprise", None),
        (
            {"tags": [], "activeModules": [], "limits": {"activeUsers": {"max": -1}}},
            "community",
            None,
        ),
    ],
)
def test_editions(licence: dict[str, Any], edition: str, seats: int | None) -> None:
    said = line("GET", "licenses.info", {"license": licence, "success": True})
    count = line("GET", "licenses.maxActiveUsers", {"maxActiveUsers": None, "activeUsers": 3, **OK})
    with replay([INFO, FULL_INFO, GET_ME, said, count, _login()]) as heard:
        server = PLATFORM.connect(Target(url=heard.url, credential=BY_NAME, network=NETWORK))
        assert (server.release.edition, server.limits.people) == (edition, seats)
        assert server.limits.people_now == 3
