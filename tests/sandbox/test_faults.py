"""Bad weather: refusals, failures, delays and cut connections, as the rules say."""

import threading

import pytest
import requests

from chatops.sandbox import Fault, Faults, Sandbox
from tests.sandbox.conftest import PASSWORD, Api


def test_rules_are_used_up_in_order() -> None:
    faults = Faults()
    faults.add(Fault(method="post", path="*/users", times=2), Fault(path="*/users", times=1))
    assert faults.take("GET", "/api/v4/teams") is None
    hits = [faults.take("POST", "/api/v4/users") for _ in range(4)]
    assert [hit.method if hit else None for hit in hits] == ["post", "post", "*", None]
    assert len(faults.fired) == 3
    assert faults.pending() == []


def test_a_rule_may_let_some_pass_first() -> None:
    faults = Faults()
    faults.add(Fault(path="*", after=2, times=1))
    assert [faults.take("GET", "/x") is not None for _ in range(4)] == [False, False, True, False]


def test_a_rule_for_ever() -> None:
    faults = Faults()
    faults.add(Fault(times=None))
    assert all(faults.take("GET", "/x") for _ in range(50))
    faults.clear()
    assert faults.take("GET", "/x") is None


@pytest.mark.parametrize(
    "fields",
    [{"kind": "rain"}, {"status": 404}, {"status": 200}, {"colour": "red"}],
)
def test_nonsense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Fault.of(fields)


def test_too_many_requests_looks_like_the_product(sandbox: Sandbox, admin: Api) -> None:
    sandbox.faults.add(Fault(status=429, retry_after=7, path="*/users/me"))
    answer = admin.call("GET", "/users/me")
    assert answer.status_code == 429
    assert answer.text.strip() == "limit exceeded"
    assert answer.headers["Retry-After"] == "7"
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"):
        assert name in answer.headers
    assert admin.ok("GET", "/users/me")["username"] == "root"


def test_a_failure_looks_like_the_product(sandbox: Sandbox, admin: Api) -> None:
    sandbox.faults.add(Fault(status=503, method="GET"))
    answer = admin.call("GET", "/users/me")
    body = answer.json()
    assert (answer.status_code, body["status_code"]) == (503, 503)
    assert {"id", "message", "request_id"} <= set(body)


def test_a_failed_request_was_not_handled(sandbox: Sandbox, admin: Api) -> None:
    sandbox.faults.add(Fault(status=500, method="POST", path="*/users"))
    fields = {"username": "ann", "email": "ann@acme.example", "password": PASSWORD}
    assert admin.call("POST", "/users", json=fields).status_code == 500
    assert admin.call("GET", "/users/username/ann").status_code == 404


@pytest.mark.parametrize(("kind", "handled"), [("cut", False), ("cut_after", True)])
def test_a_cut_connection(sandbox: Sandbox, admin: Api, kind: str, handled: bool) -> None:
    sandbox.faults.add(Fault.of({"kind": kind, "method": "POST", "path": "*/users"}))
    fields = {"username": "ann", "email": "ann@acme.example", "password": PASSWORD}
    with pytest.raises(requests.ConnectionError):
        admin.call("POST", "/users", json=fields)
    found = admin.call("GET", "/users/username/ann")
    assert (found.status_code == 200) is handled


def test_a_slow_answer_comes_in_the_end(sandbox: Sandbox, admin: Api) -> None:
    sandbox.faults.add(Fault(kind="slow", seconds=0.2, path="*/users/me"))
    answers: list[str] = []

    def wait() -> None:
        answers.append(admin.ok("GET", "/users/me")["username"])

    waiting = threading.Thread(target=wait)
    waiting.start()
    # While one waits, others are served.
    assert requests.get(f"{sandbox.url}/api/v4/system/ping", timeout=30).status_code == 200
    waiting.join(30)
    assert answers == ["root"]


def test_rules_over_http(sandbox: Sandbox) -> None:
    address = f"{sandbox.url}/_sandbox/faults"
    ping = f"{sandbox.url}/api/v4/system/ping"
    rules = [{"status": 500, "path": "*/ping", "times": 2}]
    assert requests.post(address, json=rules, timeout=30).status_code == 201
    assert requests.get(ping, timeout=30).status_code == 500
    (pending,) = requests.get(address, timeout=30).json()
    assert (pending["times"], pending["seen"]) == (2, 1)
    assert requests.delete(address, timeout=30).status_code == 204
    assert requests.get(ping, timeout=30).status_code == 200
    assert requests.post(address, json={"kind": "rain"}, timeout=30).status_code == 400
    assert requests.post(address, data="{", timeout=30).status_code == 400


def test_the_sandbox_s_own_paths_are_never_hit(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(status=500, times=None))
    assert requests.get(f"{sandbox.url}/_sandbox/health", timeout=30).status_code == 200
