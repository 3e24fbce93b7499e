"""What error answers mean: as recorded, as 9.0 says them, and as proxies do."""

import json
import time
from typing import Any

import pytest
import requests

from chatops.errors import ApiError, CredentialError, ServerError
from chatops.platforms.rocketchat.refusals import (
    FORBIDDEN,
    GONE,
    SignedOut,
    code_of,
    problem,
    throttled,
)
from tests.platforms.rocketchat.replay import recorded


def _answer(
    status: int, body: Any, kind: str = "application/json", **headers: str
) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    text = body if isinstance(body, str) else json.dumps(body)
    answer._content = text.encode()
    answer.headers.update({"Content-Type": kind, **headers})
    return answer


def _recorded(step: str, version: str = "6.5") -> requests.Response:
    line = recorded(version)[step]
    return _answer(line["status"], line["response"], line["content_type"])


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("users.create duplicate username", "error-field-unavailable"),
        ("users.create same user 4x in parallel #2", "taken"),
        ("users.info other case", "error-user-not-found"),
        ("channels.invite unknown", "invalid-user-invite-list"),
        ("roles.addUserToRole unknown role", "error-role-not-found"),
        ("teams.create duplicate", "team-name-already-exists"),
        ("teams.info unknown", "error-team-not-found"),
        ("channels.unarchive twice", "error-room-not-archived"),
        ("channels.setTopic same again", "unchanged"),
        ("settings post unknown id", "no-reason"),
        ("non-admin settings/Site_Name", "unauthorized"),
        ("groups.create duplicate name", "error-duplicate-channel-name"),
        ("users.delete last owner", "user-last-owner"),
    ],
)
def test_codes_of_recorded_answers(step: str, code: str) -> None:
    error = problem(_recorded(step), "POST x")
    assert isinstance(error, ApiError)
    assert error.code == code
    assert error.message
    assert error.call == "POST x"


def test_every_recorded_refusal_has_words() -> None:
    refused = [line for line in recorded("6.5").values() if line["status"] in (400, 403)]
    assert len(refused) > 80
    for line in refused:
        error = problem(
            _answer(line["status"], line["response"], line["content_type"]), line["step"]
        )
        assert isinstance(error, ServerError)
        assert error.message.strip()
        assert "[" not in error.message.split(":")[0]


def test_nine_says_forbidden_and_means_the_same() -> None:
    old = {"success": False, "error": "Not allowed [error-not-allowed]"}
    new = {"success": False, "error": "Not allowed", "errorType": "error-forbidden"}
    errors = [problem(_answer(400, old), "x"), problem(_answer(403, new), "x")]
    assert all(isinstance(error, ApiError) and error.code in FORBIDDEN for error in errors)
    assert errors[0].args == errors[1].args


def test_the_servers_reason_is_kept_where_it_gives_one() -> None:
    error = problem(_recorded("users.setActiveStatus self admin off"), "x")
    assert "without an active admin" in str(error)


def test_the_rooms_are_named_that_only_one_person_owns() -> None:
    error = problem(_recorded("users.delete last owner"), "x")
    rooms = recorded("6.5")["users.delete last owner"]["response"]["details"]["shouldBeRemoved"]
    assert rooms
    assert all(name in str(error) for name in rooms)


@pytest.mark.parametrize(
    "step", ["me no token", "me bad user id", "me after logout", "logout again"]
)
def test_a_session_that_is_not_known(step: str) -> None:
    assert isinstance(problem(_recorded(step), "x"), SignedOut)


@pytest.mark.parametrize(
    ("step", "word"),
    [
        ("login wrong password", "user name and password"),
        ("login unknown user", "user name and password"),
        ("login deactivated user", "deactivated"),
        ("login requirePasswordChange user", "e-mail"),
    ],
)
def test_sign_in_that_fails(step: str, word: str) -> None:
    error = problem(_recorded(step), "x")
    assert isinstance(error, CredentialError)
    assert not isinstance(error, SignedOut)
    assert word in error.message
    assert error.hint


@pytest.mark.parametrize(
    "data",
    [
        {"error": "error-not-authorized"},
        {"error": "unauthorized"},
        {"error": "x [error-action-not-allowed]", "errorType": "error-action-not-allowed"},
        {"error": "Unauthorized [not_authorized]", "errorType": "not_authorized"},
        {
            "error": "User does not have the permissions required for this action "
            "[error-unauthorized]"
        },
    ],
)
def test_refusals_for_lack_of_rights(data: dict[str, Any]) -> None:
    assert code_of(data) in FORBIDDEN


def test_what_is_gone() -> None:
    steps = ("channels.delete again", "teams.delete again", "users.setActiveStatus unknown")
    for step in steps:
        error = problem(_recorded(step), "x")
        assert isinstance(error, ApiError)
        assert error.code in GONE


def test_something_that_is_not_rocketchat() -> None:
    page = _answer(404, "<html>nginx</html>", "text/html")
    error = problem(page, "GET /api/info")
    assert isinstance(error, ServerError)
    assert not isinstance(error, ApiError)
    assert "Rocket.Chat" in error.message


@pytest.mark.parametrize("status", [404, 405])
def test_calls_that_a_release_does_not_know(status: int) -> None:
    text = "404 Not Found" if status == 404 else ""
    error = problem(_answer(status, text, "text/plain"), "GET x")
    assert isinstance(error, ApiError)
    assert error.code == "no-such-endpoint"


def _throttled(wait: int, reset: float | None) -> float | None:
    body = {"success": False, "error": f"… You must wait {wait} seconds before … [x-y]"}
    headers = {} if reset is None else {"x-ratelimit-reset": str(int(reset * 1000))}
    return throttled(_answer(429, body, **headers))


def test_how_long_to_wait() -> None:
    told = _throttled(31, time.time() + 30.5)
    assert told is not None
    assert 30 < told < 31
    assert _throttled(31, None) == 31
    # Clocks that differ by an hour must not make us wait for one, or not at all.
    assert _throttled(31, time.time() + 3600) == 31
    assert _throttled(31, time.time() - 3600) == 31
    assert throttled(_answer(429, "busy", "text/plain")) is None
