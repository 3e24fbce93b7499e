"""What a real Rocket.Chat 8.3 answered, step by step, and what the sandbox answers."""

import hashlib
import re
from pathlib import Path
from typing import Any

import requests

from chatops.sandbox import Sandbox
from tests.sandbox.replay import Caller, Comparison, Mismatch, Outcome, Product, Step, steps_of

RECORDING = Path(__file__).parents[1] / "recordings" / "rocketchat-8.3.jsonl"
ADMIN, PASSWORD = "rcadmin", "Admin-pass-1"
RECORDED_URL = "http://127.0.0.1:3086"
PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452")

# Steps that cannot match, and why: the recorded server's database was an emulation.
CANNOT_MATCH = {
    "users.create same user 4x in parallel #2": "a race of four calls; here they come in turn",
    "users.create same user 4x in parallel #4": "a race of four calls; here they come in turn",
    "im.list.everyone": "the emulation's order of rooms that have no name to sort by",
}

# What a step that was kept back had done before: method, path, body.
BEFORE = {
    "users.generatePersonalAccessToken dup name": (
        "POST",
        "/api/v1/users.generatePersonalAccessToken",
        {"tokenName": "rec"},
    )
}

# These bodies were sent as forms with a file; the recording shows their fields alone.
FORMS = {"emoji-custom.create", "emoji-custom.create duplicate", "emoji-custom.create bad name"}

_TRUNCATED = re.compile(r"<(\d+) in all>")
_LONG = re.compile(r"<(\d+) x (.)>")
_BURST = re.compile(r"(.* burst|.* over the limit) #(\d+)(.*)")
CODE = hashlib.sha256(PASSWORD.encode()).hexdigest()


def login(caller: Caller) -> dict[str, str]:
    """Log in with the password of the recording; a personal token was seen in an answer."""
    if caller.who == "pat":
        return {"X-Auth-Token": caller.bound["pat"], "X-User-Id": caller.bound["<id0>"]}
    body = {"user": caller.who, "password": caller.bound.get(f"password {caller.who}", PASSWORD)}
    if caller.who == "admin":
        body["user"] = ADMIN
    answer = caller.http.post(f"{caller.sandbox.url}/api/v1/login", json=body, timeout=30)
    answer.raise_for_status()
    data = answer.json()["data"]
    return {"X-Auth-Token": data["authToken"], "X-User-Id": data["userId"]}


def _is_time(value: Any) -> bool:
    if isinstance(value, int):
        return value > 1_500_000_000_000
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value) is not None


ROCKETCHAT = Product(
    prefix="",
    login=login,
    stranger="z" * 17,
    identifier=r"\b[A-Za-z0-9]{17}\b|\b[0-9a-f]{24}\b",
    placeholders={
        "<time>": _is_time,
        "<token>": lambda value: isinstance(value, str) and len(value) > 20,
        "<number>": lambda value: str(value).isdigit(),
    },
    error_keys=("error", "errorType", "status", "message", "details", "success"),
    loose=frozenset(
        {
            # A time as a text, the hash of a file, the server's own copy of a script.
            "ts",
            "etag",
            "scriptCompiled",
            "stack",
        }
    ),
    unordered_keys=frozenset({"uids", "deletedRooms", "_USERNAMES", "ims", "result"}),
)


class RocketChatCaller(Caller):
    """Sends steps as the recorder did: texts as they are, some bodies as forms with a file."""

    def send(self, step: Step, number: int = 0) -> requests.Response:
        headers = {**self.headers(step["as_"]), **(step.get("request_headers") or {})}
        body = step.get("request")
        content: dict[str, Any] = {}
        if step["step"] in FORMS:
            content = {"data": body, "files": {"emoji": ("a.png", PICTURE, "image/png")}}
        elif isinstance(body, str):
            content = {"data": body.encode()}
            headers.setdefault("Content-Type", "application/json")
        elif body is not None:
            content = {"json": self._filled(body)}
        return self.http.request(
            step["method"],
            f"{self.sandbox.url}{self._filled(step['path'])}",
            params=self._filled(step.get("params") or {}),
            headers=headers,
            timeout=60,
            allow_redirects=False,
            **content,
        )

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            value = _LONG.sub(lambda found: found[2] * int(found[1]), value)
            value = value.replace("<time>", "2026-01-01T00:00:00.000Z")
            value = value.replace("<token>", self.headers("admin")["X-Auth-Token"])
        return super()._filled(value)


class RocketChatComparison(Comparison):
    """Knows lists of which only the beginning was kept, and texts that hold addresses."""

    def _list(
        self, recorded: list[Any], given: list[Any], where: str, *, unordered: bool, loose: str
    ) -> None:
        last = recorded[-1] if recorded else None
        cut = _TRUNCATED.fullmatch(last) if isinstance(last, str) else None
        if cut is None:
            super()._list(recorded, given, where, unordered=unordered, loose=loose)
            return
        if len(given) != int(cut[1]):
            self._differs(where, f"{cut[1]} items", f"{len(given)} items")
        if unordered:
            return
        for at, left in enumerate(recorded[:-1]):
            if at < len(given):
                self.compare(left, given[at], f"{where}[{at}]")


def replay(sandbox: Sandbox) -> Outcome:
    """Send every step in order and collect what differs."""
    caller, outcome = RocketChatCaller(sandbox, ROCKETCHAT), Outcome()
    caller.headers("admin")
    steps = steps_of(RECORDING)
    callers = {step["as_"] for step in steps}
    before = None
    for number, step in enumerate(steps):
        if step["step"] in BEFORE:
            method, path, body = BEFORE[step["step"]]
            factor = {"x-2fa-code": CODE, "x-2fa-method": "password"}
            made = {"step": "", "method": method, "path": path, "request": body, "as_": "admin"}
            caller.send({**made, "request_headers": factor}).raise_for_status()
        for _ in range(_left_out(before, step)):
            caller.send(step)
        before = step
        answer = caller.send(step)
        differences = _compare(caller, step, answer)
        outcome.total += 1
        if differences and step["step"] not in CANNOT_MATCH:
            request = f"{step['method']} {step['path']} as {step['as_']}"
            outcome.mismatches.append(Mismatch(number, step["step"], request, tuple(differences)))
        _remember(caller, step, answer, callers)
    return outcome


def _left_out(before: Step | None, step: Step) -> int:
    """How many calls of a burst were not recorded between these two."""
    one, two = (_BURST.fullmatch(s["step"]) if s else None for s in (before, step))
    if not one or not two or (one[1], one[3]) != (two[1], two[3]):
        return 0
    return int(two[2]) - int(one[2]) - 1


def _remember(
    caller: RocketChatCaller, step: Step, answer: requests.Response, callers: set[str]
) -> None:
    if not answer.ok:
        return
    name = step["path"].removeprefix("/api/v1/")
    if name == "users.create" and step["method"] == "POST":
        user = step["request"]["username"].lower()
        caller.bound[f"password {user}"] = step["request"]["password"]
        if user in callers:
            caller.headers(user)  # at once: later the limiter is on and logins are used up
    elif name == "users.generatePersonalAccessToken":
        caller.bound["pat"] = answer.json()["token"]
    elif name == "users.logout":
        for who in callers - {"nobody", "admin", "pat"}:
            caller.forget(who)


def _compare(caller: RocketChatCaller, step: Step, answer: requests.Response) -> list[str]:
    recorded = step["response"]
    if answer.status_code != step["status"]:
        told = f"{step['status']} {recorded!s:.200}"
        return [f"status: recorded {told}, answered {answer.status_code}: {answer.text[:300]}"]
    differences = []
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind != step["content_type"]:
        differences.append(f"content type: recorded {step['content_type']}, answered {kind}")
    limits = {name for name in answer.headers if name.lower().startswith("x-ratelimit")}
    if {name.lower() for name in limits} != set(step["headers"]):
        differences.append(f"headers: recorded {sorted(step['headers'])}, answered {limits}")
    given: Any = answer.text
    if isinstance(recorded, dict):
        given = answer.json()
    recorded, given = _plain(recorded, caller), _plain(given, caller)
    bound = {k: v for k, v in caller.bound.items() if k.startswith("<")}
    comparison = RocketChatComparison(ROCKETCHAT, bound)
    comparison.compare(recorded, given, "")
    if answer.status_code >= 400 and isinstance(recorded, dict) and set(given) != set(recorded):
        differences.append(f"keys: recorded {sorted(recorded)}, answered {sorted(given)}")
    caller.bound.update(comparison.bound)
    return differences + comparison.differences


def _plain(value: Any, caller: RocketChatCaller) -> Any:
    """A value without the address of its server and without seconds to wait."""
    if isinstance(value, str):
        value = value.replace(RECORDED_URL, "URL").replace(caller.sandbox.url, "URL")
        value = re.sub(r"must wait \d+ seconds", "must wait N seconds", value)
        return caller.bound.get(value, value) if value == "" else value
    if isinstance(value, list):
        return [_plain(item, caller) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, caller) for key, item in value.items()}
    return value


def test_the_second_factor_of_the_recording_is_the_admins_password() -> None:
    codes = [(s.get("request_headers") or {}).get("x-2fa-code") for s in steps_of(RECORDING)]
    assert codes.count(CODE) > 30


def test_every_recorded_step_is_answered_alike() -> None:
    with Sandbox("rocketchat") as sandbox:
        sandbox.workspace.seed_admin(ADMIN, PASSWORD, "admin@example.com")
        sandbox.restart()  # the limiter sleeps in the first run of an empty server
        outcome = replay(sandbox)
    assert outcome.matched == outcome.total == 603, outcome.report()
    assert {s["step"] for s in steps_of(RECORDING)} >= set(CANNOT_MATCH) | set(BEFORE)
