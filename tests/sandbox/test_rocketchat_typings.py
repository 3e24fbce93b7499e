"""The sandbox's idea of a well-formed request against the vendor's own schemas.

All bodies of the recording, and those bodies spoilt in every simple way, go to the schemas of
`@rocket.chat/rest-typings` 8.8.1 and to the sandbox. What they refuse the sandbox refuses as
`invalid-params`, and what they accept it does not. Where 8.3 is known to differ from 8.8, that is
told below as data.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from chatops.sandbox import Sandbox
from chatops.sandbox.rocketchat.schemas import SCHEMAS
from tests.sandbox.replay import steps_of
from tests.sandbox.test_replay_rocketchat import ADMIN, CODE, PASSWORD, RECORDING
from tests.sandbox.typings.validate import (
    Call,
    NotAvailable,
    Verdict,
    endpoint,
    validate,
    validators,
)

SCHEMA_REFUSALS = ("invalid-params", "error-invalid-params")
STRANGER = "z" * 17

_RECORDED = "8.3 looks at the fields one by one in the endpoint, as recorded"
_COERCED = "8.8 turns numbers into texts and the like; 8.3 is recorded not to"
_LATER = "the schema came with the typed endpoints after 8.3, as teams.create shows"

# Endpoints whose schema is not in force in 8.3, with the reason.
NOT_IN_FORCE = {
    **dict.fromkeys(
        (
            "GET groups.info",
            "GET groups.members",
            "GET teams.info",
            "GET users.list",
            "POST channels.create",
            "POST chat.postMessage",
            "POST groups.addLeader",
            "POST groups.addModerator",
            "POST groups.create",
            "POST groups.invite",
            "POST groups.rename",
            "POST groups.setAnnouncement",
            "POST groups.setDescription",
            "POST groups.setPurpose",
            "POST groups.setReadOnly",
            "POST groups.setTopic",
            "POST rooms.saveRoomSettings",
            "POST teams.create",
        ),
        _RECORDED,
    ),
    **dict.fromkeys(
        (
            "GET chat.getMessage",
            "GET emoji-custom.list",
            "GET groups.history",
            "GET groups.messages",
            "GET groups.moderators",
            "GET groups.roles",
            "GET rooms.adminRooms",
            "GET rooms.autocomplete.channelAndPrivate",
            "GET rooms.info",
            "GET teams.members",
            "GET users.getStatus",
            "GET users.presence",
            "POST chat.delete",
            "POST chat.sendMessage",
            "POST chat.update",
            "POST emoji-custom.delete",
            "POST groups.addAll",
            "POST groups.addOwner",
            "POST groups.archive",
            "POST groups.delete",
            "POST groups.kick",
            "POST groups.leave",
            "POST groups.removeLeader",
            "POST groups.removeModerator",
            "POST groups.removeOwner",
            "POST groups.setCustomFields",
            "POST groups.setType",
            "POST groups.unarchive",
            "POST teams.addRooms",
            "POST teams.updateRoom",
            "POST users.resetAvatar",
        ),
        _LATER,
    ),
}


@dataclass(frozen=True)
class Case:
    """A request and what was done to it."""

    name: str
    call: Call


def _spoilt(value: Any) -> Any:
    """A value of a kind that no coercion mends."""
    if isinstance(value, dict):
        return 5
    return {"x": 1}


def _cases_of(call: Call, name: str) -> Iterator[Case]:
    yield Case(name, call)
    body = call.body
    if not isinstance(body, dict):
        return
    reading = call.method == "GET"
    yield Case(f"{name}, an unknown key", Call(call.method, call.path, {**body, "zzz": "1"}))
    for key, value in body.items():
        rest = {k: v for k, v in body.items() if k != key}
        yield Case(f"{name}, without {key}", Call(call.method, call.path, rest))
        if not reading:
            bad = {**body, key: _spoilt(value)}
            yield Case(f"{name}, {key} of a wrong kind", Call(call.method, call.path, bad))
            if isinstance(value, dict):
                for case in _cases_of(Call(call.method, call.path, value), f"{name}, {key}"):
                    inner = {**body, key: case.call.body}
                    yield Case(case.name, Call(call.method, call.path, inner))


def cases() -> list[Case]:
    """Every recorded request with a schema, and its spoilt forms, each once."""
    found: dict[str, Case] = {}
    for step in steps_of(RECORDING):
        reading = step["method"] == "GET"
        body = (step["params"] or {}) if reading else step["request"]
        path = step["path"].partition("?")[0]
        call = Call(step["method"], path, json.loads(_filled(json.dumps(body))))
        if endpoint(call) not in validators() or isinstance(body, str) or body is None:
            continue
        for case in _cases_of(call, step["step"]):
            key = f"{endpoint(case.call)} {json.dumps(case.call.body, sort_keys=True)}"
            found.setdefault(key, case)
    return list(found.values())


def _filled(text: str) -> str:
    for mark in ("<id", "<time", "<token"):
        while mark in text:
            start = text.index(mark)
            text = text[:start] + STRANGER + text[text.index(">", start) + 1 :]
    return text


class Asked:
    """A sandbox that is asked as its administrator, with the second factor on every call."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._url = sandbox.url
        self._http = requests.Session()
        self._log_in()

    def _log_in(self) -> None:
        body = {"user": ADMIN, "password": PASSWORD}
        told = self._http.post(f"{self._url}/api/v1/login", json=body, timeout=30).json()["data"]
        session = {"X-Auth-Token": told["authToken"], "X-User-Id": told["userId"]}
        self._http.headers.update({**session, "x-2fa-code": CODE, "x-2fa-method": "password"})

    def refuses(self, call: Call) -> bool:
        """Whether the shape of a request is refused."""
        answer = self._send(call)
        if answer.status_code == 401:  # a call before this one logged everybody out
            self._log_in()
            answer = self._send(call)
        assert answer.status_code != 401, call
        if answer.status_code != 400:
            return False
        return answer.json().get("errorType") in SCHEMA_REFUSALS

    def _send(self, call: Call) -> requests.Response:
        sent: dict[str, Any] = (
            {"params": call.body} if call.method == "GET" else {"json": call.body}
        )
        return self._http.request(
            call.method, self._url + call.path, timeout=30, allow_redirects=False, **sent
        )


@pytest.fixture(scope="module")
def verdicts() -> list[tuple[Case, Verdict]]:
    every = cases()
    try:
        told = validate([case.call for case in every])
    except NotAvailable as reason:
        pytest.skip(f"the schemas of @rocket.chat/rest-typings cannot be had: {reason}")
    return list(zip(every, told, strict=True))


def _known(case: Case, verdict: Verdict) -> str:
    """The reason why 8.3 may think otherwise of a case, or nothing."""
    name = endpoint(case.call)
    if name in NOT_IN_FORCE:
        return NOT_IN_FORCE[name]
    if verdict.valid and verdict.coerced and case.call.method != "GET":
        return _COERCED
    return ""


def test_what_the_schemas_refuse_the_sandbox_refuses(
    verdicts: list[tuple[Case, Verdict]],
) -> None:
    wrong, compared, excused = [], 0, set()
    with Sandbox("rocketchat") as sandbox:
        sandbox.workspace.seed_admin(ADMIN, PASSWORD, "admin@example.com")
        asked = Asked(sandbox)
        for case, verdict in verdicts:
            assert verdict.known, f"the package has no {validators()[endpoint(case.call)]}"
            if asked.refuses(case.call) == (not verdict.valid):
                compared += 1
            elif reason := _known(case, verdict):
                excused.add(reason)
            else:
                told = "accepts" if verdict.valid else f"refuses ({verdict.errors[0]})"
                wrong.append(f"{endpoint(case.call)}: {case.name}: the schema {told}")
    assert not wrong, f"{len(wrong)} of {len(verdicts)} differ:\n" + "\n".join(wrong)
    assert compared > 1000
    assert excused <= {_RECORDED, _LATER, _COERCED}


def test_only_endpoints_that_differ_are_excused(verdicts: list[tuple[Case, Verdict]]) -> None:
    compared = {endpoint(case.call) for case, _ in verdicts}
    assert set(NOT_IN_FORCE) <= compared
    assert not {key for key in NOT_IN_FORCE if key in SCHEMAS}
