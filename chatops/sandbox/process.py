"""The sandbox as a background process that outlives the command which starts it.

STATE/sandbox.sqlite3   what the server keeps            STATE/server.lock   held by the server
STATE/server.json       its address and process          STATE/start.lock    held by a command
STATE/server.log        what it said since its start     STATE/sandbox.json  its settings
"""

import atexit
import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from chatops.sandbox.liveness import (
    RECORD,
    SERVER_LOCK,
    Announcing,
    is_held,
    is_own,
    lock,
    lock_file,
    read_record,
    wait,
)
from chatops.sandbox.server import STORE_FILE, WORKSPACES, serve

__all__ = ["ProcessError", "Status", "hold", "reset", "run", "start", "status", "stop"]

LOG: Final = "server.log"
START_LOCK: Final = "start.lock"
SETTINGS: Final = "sandbox.json"
# With the data go the secrets that were made up for it: its first administrator, first passwords.
DATA: Final = (
    *(STORE_FILE, STORE_FILE + "-wal", STORE_FILE + "-shm"),
    *("vault.yaml", "vault-password", "first-passwords.csv", "admin.json"),
)

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 3.0
QUEUE_SECONDS: Final = 90.0

# What a server needs of its starter's environment: nothing that could be a secret.
_PASSED_ON: Final = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PATH",
    "TMPDIR",
    "TZ",
)
# Servers that this very process started, so that their end can be collected.
_children: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    """They outlive this process on purpose; Python need not warn of it."""
    for child in _children:
        child.returncode = 0


class ProcessError(Exception):
    """The sandbox cannot be started or stopped; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is known of a sandbox server; `changed` tells whether the call did anything."""

    product: str
    state: Path
    running: bool
    url: str = ""
    pid: int = 0
    changed: bool = False

    def to_json(self) -> str:
        """One line for programs."""
        return json.dumps(asdict(self) | {"state": str(self.state)}, sort_keys=True)


def start(
    product: str, state: Path, *, port: int = 0, host: str = "", check: bool = False
) -> Status:
    """Have it running and answering; one that runs already is left alone if it fits, and its
    program was not replaced by another since.

    What is not said is taken from the settings in the state folder, else it is 127.0.0.1 and any
    port: the one it had before if that is free. With `check` nothing is done, only told what
    would be. Raises ProcessError.
    """
    _must_know(product)
    wish = _settings(state)
    port = port or int(wish.get("port") or 0)
    host = host or str(wish.get("host") or "127.0.0.1")
    if check:
        now = status(product, state)
        fits = _fits(now, host, port) and _is_current(state) and _answers(now)
        return replace(now, changed=not fits)
    _make_private(state)
    with _alone(state):
        now = status(product, state)
        if now.running:
            fits = _fits(now, host, port) and _is_current(state)
            if fits and wait(lambda: _answers(now), ANSWER_SECONDS):
                return now
            _halt(state)
        return _launch(product, state, host, port)


def stop(product: str, state: Path) -> Status:
    """Have it stopped; its data stays. Raises ProcessError."""
    now = status(product, state)
    if not state.is_dir():
        return now
    with _alone(state):
        return replace(now, running=False, pid=0, changed=_halt(state))


def status(product: str, state: Path) -> Status:
    """Whether it runs, and where; `url` is the last known one if it does not run."""
    _must_know(product)
    record = read_record(state)
    if not is_held(state):
        return Status(product=product, state=state, running=False, url=record.url if record else "")
    # Between its lock and its first word a server needs a moment.
    if not wait(lambda: is_own(read_record(state)), ANSWER_SECONDS):
        raise ProcessError(
            f"a sandbox server holds {state}, but does not say which process it is",
            f"look at {state / LOG}; end the process that `fuser {state / SERVER_LOCK}` names",
        )
    record = read_record(state)
    if record is None or record.product != product:
        raise ProcessError(f"the sandbox in {state} is not one of {product}")
    return Status(product=product, state=state, running=True, url=record.url, pid=record.pid)


def reset(product: str, state: Path) -> Status:
    """Stop it and delete all that it kept: people, teams, messages. Raises ProcessError."""
    now = stop(product, state)
    if not state.is_dir():
        return now
    with _alone(state):
        there = [state / name for name in DATA if (state / name).exists()]
        for path in there:
            path.unlink()
    return replace(now, changed=now.changed or bool(there))


def run(product: str, state: Path, *, port: int = 0, host: str = "127.0.0.1") -> None:
    """Be the server, until told to stop. Raises ProcessError where another has the data."""
    _must_know(product)
    _make_private(state)
    with hold(state), contextlib.redirect_stdout(Announcing(product, state)):
        serve(product, port, state, host)


@contextlib.contextmanager
def hold(state: Path) -> Iterator[None]:
    """Have the data to oneself. Raises ProcessError if another server has it."""
    with lock_file(state / SERVER_LOCK) as file:
        # Those who only look hold it shared for a moment.
        if not wait(lambda: lock(file, fcntl.LOCK_EX), 1.0):
            raise ProcessError(
                f"another sandbox server works in {state}", "stop it with `chatops sandbox stop`"
            )
        yield


def _must_know(product: str) -> None:
    if product not in WORKSPACES:
        raise ProcessError(
            f"no sandbox of {product}", f"there is one of {' and of '.join(WORKSPACES)}"
        )


def _settings(state: Path) -> dict[str, Any]:
    try:
        found = json.loads((state / SETTINGS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ProcessError(f"cannot read {state / SETTINGS}: {error}") from error
    return found if isinstance(found, dict) else {}


def _make_private(state: Path) -> None:
    missing = [p for p in (state, *state.parents) if not p.exists()]
    try:
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
        if state.stat().st_mode & 0o077:
            state.chmod(0o700)
    except OSError as error:
        raise ProcessError(f"cannot make the folder {state}: {error.strerror}") from error


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """One command at a time."""
    with lock_file(state / START_LOCK) as file:
        if not wait(lambda: lock(file, fcntl.LOCK_EX), QUEUE_SECONDS):
            raise ProcessError(
                f"another command is at work in {state}", "wait for it, and run again"
            )
        yield


def _fits(now: Status, host: str, port: int) -> bool:
    if not now.running:
        return False
    at = urlsplit(now.url)
    return at.hostname == host and port in (0, at.port)


def _is_current(state: Path) -> bool:
    record = read_record(state)
    return record is not None and record.is_current


def _answers(now: Status) -> bool:
    at = urlsplit(now.url)
    # No proxy stands between this machine and itself.
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=2)
    try:
        connection.request("GET", "/_sandbox/health")
        health = json.loads(connection.getresponse().read())
        return isinstance(health, dict) and health.get("product") == now.product
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise ProcessError(
                f"port {port} is not for ordinary programs", "take one above 1023"
            ) from error
        except OSError:
            return False
        return True


def _launch(product: str, state: Path, host: str, port: int) -> Status:
    if port and not _is_free(host, port):
        raise ProcessError(
            f"port {port} on {host} is taken by another program",
            "end that program, or leave the port out: any free one will do",
        )
    before = read_record(state)
    if not port and before is not None:
        last = urlsplit(before.url).port or 0
        # People keep the address open in a browser.
        port = last if last and _is_free(host, last) else 0
    (state / RECORD).unlink(missing_ok=True)
    log = state / LOG
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    command = [sys.executable, "-P", "-m", "chatops.sandbox", "serve", product]
    command += ["--data", str(state), "--port", str(port), "--host", host]
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=state,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            start_new_session=True,
            umask=0o077,
        )
    try:
        return _wait_for(child, product, state)
    except BaseException:
        child.kill()
        child.wait()
        raise


def _wait_for(child: subprocess.Popen[bytes], product: str, state: Path) -> Status:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        record = read_record(state)
        if record is not None and record.pid == child.pid:
            now = Status(product=product, state=state, running=True, url=record.url, pid=child.pid)
            if _answers(now):
                _children.append(child)
                return replace(now, changed=True)
        if child.poll() is not None:
            raise ProcessError(
                f"the sandbox server ended at its start (exit {child.returncode}):\n{_tail(state)}"
            )
        time.sleep(0.02)
    raise ProcessError(
        f"the sandbox server did not answer within {START_SECONDS:.0f} s:\n{_tail(state)}"
    )


def _tail(state: Path, lines: int = 8) -> str:
    """The log's last lines, indented."""
    try:
        with (state / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return "  (no log)"
    return "\n".join("  " + line for line in text.splitlines()[-lines:]) or "  (the log is empty)"


def _halt(state: Path) -> bool:
    """End the server if one lives here; whether one did."""
    if not is_held(state):
        return False
    record = read_record(state)
    if record is None or not is_own(record):
        raise ProcessError(
            f"a sandbox server holds {state}, but does not say which process it is",
            f"end the process that `fuser {state / SERVER_LOCK}` names",
        )
    for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, number)
        if wait(lambda: not is_held(state), patience):
            for child in [c for c in _children if c.pid == record.pid]:
                child.wait()
                _children.remove(child)
            return True
    raise ProcessError(f"the sandbox server (process {record.pid}) does not end")
