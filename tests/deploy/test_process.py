import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chatops.sandbox import process
from chatops.sandbox.__main__ import main
from chatops.sandbox.liveness import born, is_held, wait
from chatops.sandbox.process import ProcessError, Status

PRODUCT = "mattermost"


def ask(status: Status, method: str, path: str, body: object = None) -> tuple[int, object]:
    at = urlsplit(status.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")
    finally:
        connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def is_alive(pid: int) -> bool:
    return bool(born(pid))


def test_it_starts_once_and_outlives_the_command_that_started_it(state: Path) -> None:
    command = [sys.executable, "-m", "chatops.sandbox", "start", PRODUCT, "--state", str(state)]
    first = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert first["changed"] and first["running"]
    assert os.getsid(first["pid"]) == first["pid"], "a session of its own"

    again = process.start(PRODUCT, state)
    assert (again.changed, again.pid, again.url) == (False, first["pid"], first["url"])
    assert process.status(PRODUCT, state).running
    code, health = ask(again, "GET", "/_sandbox/health")
    assert code == 200
    assert isinstance(health, dict) and health["product"] == PRODUCT and health["stand_in"]


def test_data_and_address_survive_a_restart(state: Path) -> None:
    first = process.start(PRODUCT, state)
    person = {"username": "ann", "email": "ann@nordlys.example", "password": "correct-Horse-7"}
    assert ask(first, "POST", "/api/v4/users", person)[0] == 201
    stopped = process.stop(PRODUCT, state)
    assert (stopped.changed, stopped.running) == (True, False)
    assert not is_alive(first.pid)
    assert not process.stop(PRODUCT, state).changed

    second = process.start(PRODUCT, state)
    assert second.url == first.url
    assert second.pid != first.pid
    login = {"login_id": "ann", "password": "correct-Horse-7"}
    assert ask(second, "POST", "/api/v4/users/login", login)[0] == 200

    assert process.reset(PRODUCT, state).changed
    third = process.start(PRODUCT, state)
    assert ask(third, "POST", "/api/v4/users/login", login)[0] == 401


def test_what_it_keeps_is_for_its_owner_alone(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATOPS_TOKEN", "not-for-the-server")
    status = process.start(PRODUCT, state)
    assert mode(state) == 0o700
    assert mode(state.parents[1]) == 0o700
    assert {p.name: mode(p) for p in state.iterdir() if mode(p) != 0o600} == {}
    environ = Path(f"/proc/{status.pid}/environ")
    if environ.exists():
        assert b"not-for-the-server" not in environ.read_bytes()


def test_a_folder_that_is_too_open_is_closed(state: Path) -> None:
    state.mkdir(parents=True, mode=0o755)
    process.start(PRODUCT, state)
    assert mode(state) == 0o700


def test_a_number_that_a_stranger_has_now_is_left_alone(state: Path) -> None:
    state.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        record = {"product": PRODUCT, "url": "http://127.0.0.1:9", "pid": stranger.pid}
        record |= {"born": born(stranger.pid), "code": ""}
        (state / process.RECORD).write_text(json.dumps(record))
        try:
            assert not process.status(PRODUCT, state).running
            assert not process.stop(PRODUCT, state).changed
            started = process.start(PRODUCT, state)
            assert started.changed and started.pid != stranger.pid
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_holder_of_the_data_that_is_not_the_one_on_record_is_never_ended(state: Path) -> None:
    state.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as stranger, process.hold(state):
        record = {"product": PRODUCT, "url": "http://127.0.0.1:9", "pid": stranger.pid}
        (state / process.RECORD).write_text(json.dumps({**record, "born": "long ago", "code": ""}))
        try:
            with pytest.raises(ProcessError, match="does not say which process"):
                process.stop(PRODUCT, state)
            assert stranger.poll() is None
        finally:
            stranger.kill()
        with pytest.raises(ProcessError, match="another sandbox server works in"):
            process.run(PRODUCT, state)


def test_a_server_that_was_killed_is_started_anew(state: Path) -> None:
    first = process.start(PRODUCT, state)
    os.kill(first.pid, signal.SIGKILL)
    assert wait(lambda: not is_held(state), 10)
    assert not process.status(PRODUCT, state).running
    second = process.start(PRODUCT, state)
    assert second.changed and second.url == first.url


def test_a_server_that_hangs_is_replaced(state: Path) -> None:
    first = process.start(PRODUCT, state)
    os.kill(first.pid, signal.SIGSTOP)
    second = process.start(PRODUCT, state)
    assert second.changed and second.pid != first.pid
    assert not is_alive(first.pid)


def test_a_server_of_another_program_than_the_one_installed_is_replaced(state: Path) -> None:
    first = process.start(PRODUCT, state)
    record = state / process.RECORD
    record.write_text(json.dumps(json.loads(record.read_text()) | {"code": "before the upgrade"}))
    second = process.start(PRODUCT, state)
    assert second.changed and second.url == first.url and second.pid != first.pid
    assert not process.start(PRODUCT, state).changed


def test_a_port_that_is_taken_is_named(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProcessError, match=f"port {port} on 127.0.0.1 is taken") as caught:
            process.start(PRODUCT, state, port=port)
        assert "any free one will do" in caught.value.hint
    assert process.start(PRODUCT, state, port=port).url == f"http://127.0.0.1:{port}"


def test_the_address_of_before_may_be_taken_in_the_meantime(state: Path) -> None:
    first = process.start(PRODUCT, state)
    process.stop(PRODUCT, state)
    with socket.create_server(("127.0.0.1", urlsplit(first.url).port or 0)):
        second = process.start(PRODUCT, state)
    assert second.running and second.url != first.url


def test_settings_say_the_port_and_a_changed_one_takes_effect(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = process.start(PRODUCT, state)
    (state / process.SETTINGS).write_text(json.dumps({"port": port}))
    second = process.start(PRODUCT, state)
    assert second.changed and second.url == f"http://127.0.0.1:{port}" != first.url
    assert not process.start(PRODUCT, state).changed


def test_two_starts_at_once_make_one_server(state: Path) -> None:
    command = [sys.executable, "-m", "chatops.sandbox", "start", PRODUCT, "--state", str(state)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    said = [json.loads(child.communicate()[0]) for child in both]
    assert sorted(s["changed"] for s in said) == [False, True]
    assert len({s["pid"] for s in said}) == 1


def test_a_crash_at_the_start_shows_the_end_of_the_log(state: Path) -> None:
    state.mkdir(parents=True)
    (state / process.STORE_FILE).write_bytes(b"this is no database " * 100)
    with pytest.raises(ProcessError, match="file is not a database"):
        process.start(PRODUCT, state)
    assert not process.status(PRODUCT, state).running


def test_each_product_has_its_own_folder(state: Path) -> None:
    process.start(PRODUCT, state)
    with pytest.raises(ProcessError, match="is not one of rocketchat"):
        process.status("rocketchat", state)
    with pytest.raises(ProcessError, match="no sandbox of zulip"):
        process.start("zulip", state)


def test_check_tells_what_would_be_done_and_does_nothing(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> dict[str, object]:
        assert main([*words, PRODUCT, "--state", str(state)]) == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    assert said("start", "--check")["changed"]
    assert not state.exists()
    assert said("start")["changed"]
    assert not said("start", "--check")["changed"]
    assert said("status")["running"]
    assert said("reset")["changed"]
    assert said("status")["running"] is False


def test_trouble_is_told_on_stderr(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state.mkdir(parents=True)
    (state / process.SETTINGS).write_text("{")
    assert main(["start", PRODUCT, "--state", str(state)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: cannot read ")
