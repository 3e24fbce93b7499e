"""Playbooks, run: the only place that knows ansible-runner.

Each run has a private folder, which goes away with it: ansible-runner writes the variables, the
command and its whole environment to disk. What stays is a log with the secrets taken out.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

from ansible_runner import AnsibleRunnerException, Runner, RunnerConfig

from chatops import assets
from chatops.errors import InstallError, Interrupted
from chatops.secrets import redactor

__all__ = ["Event", "EventKind", "Failure", "PlaybookError", "RunResult", "run"]

LOGS_KEPT: Final = 20
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
POLITE_SECONDS: Final = 5.0

# Of the person's environment Ansible sees these alone: any other may hold a secret, or a setting
# for some other playbook.
_PASSED_ON: Final = frozenset(
    (
        *("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR"),
        *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
        *("LD_LIBRARY_PATH", "SSH_AUTH_SOCK"),
    )
)
# What ansible-runner itself needs to hear of the run.
_RUNNERS_OWN: Final = frozenset(
    (
        *("ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_STDOUT_CALLBACK", "AWX_ISOLATED_DATA_DIR"),
        *("RUNNER_OMIT_EVENTS", "RUNNER_ONLY_FAILED_EVENTS"),
    )
)


class EventKind(StrEnum):
    """What a run tells about."""

    PLAY = "play"
    TASK = "task"
    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One step of a run; `host` is empty for the beginning of a play or a task."""

    kind: EventKind
    name: str
    host: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A task that did not work on a host, and what it said last."""

    task: str
    host: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """A run that went well: how many tasks did their work, and how many changed something."""

    ok: int
    changed: int
    log: Path | None = None


class PlaybookError(InstallError):
    """A run that failed; `failures` says where."""

    def __init__(self, message: str, failures: tuple[Failure, ...], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.failures = failures


def run(
    playbook: str,
    *,
    inventory: Path,
    variables: Mapping[str, Any],
    on_event: Callable[[Event], None] = lambda event: None,
    logs: Path | None = None,
    roles: Path | None = None,
    check: bool = False,
) -> RunResult:
    """Run a playbook: a file name in playbooks/, or an absolute path.

    No text in `variables` is ever a template. `on_event` is called between two reads of the
    output and must be quick. Raises PlaybookError or InstallError; Interrupted after Ctrl-C.
    """
    path = Path(playbook) if Path(playbook).is_absolute() else assets.playbook(playbook)
    roles = assets.folder("playbooks") / "roles" if roles is None else roles
    with _private_folder() as private, _event_log(logs, path.stem) as log:
        _write_variables(private, variables)
        config = _configure(private, path, inventory, roles, check=check)
        watch = _Watch(on_event, log)
        runner = Runner(config, event_handler=watch.see, cancel_callback=watch.is_cancelled)
        with _interrupts(watch.cancel):
            try:
                runner.run()
            except AnsibleRunnerException as error:
                raise InstallError(f"Ansible could not be run: {error}") from error
        log_path = Path(log.name) if log is not None else None
        if watch.trouble is not None:
            raise watch.trouble
        if watch.cancelled.is_set():
            raise Interrupted("interrupted: the playbook was stopped", hint="run again to go on")
        if runner.rc != 0:
            raise _failed(path.name, watch, runner, log_path)
        return RunResult(ok=watch.count("ok"), changed=watch.count("changed"), log=log_path)


class _Watch:
    """What is learned from a run's events, and whether it is to end."""

    def __init__(self, on_event: Callable[[Event], None], log: IO[str] | None) -> None:
        self._on_event = on_event
        self._log = log
        self._pid = 0
        self._cancelled_at = 0.0
        self.cancelled = threading.Event()
        self.trouble: BaseException | None = None
        self.failures: list[Failure] = []
        self.talk: deque[str] = deque(maxlen=40)
        self.stats: Mapping[str, Any] = {}

    def cancel(self) -> None:
        """End the run: politely, as Ansible's workers have process groups of their own."""
        self._cancelled_at = self._cancelled_at or time.monotonic()
        self.cancelled.set()
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)

    def is_cancelled(self) -> bool:
        """Whether to kill what has not ended by itself."""
        return bool(
            self._cancelled_at
            and (not self._pid or time.monotonic() - self._cancelled_at > POLITE_SECONDS)
        )

    def count(self, what: str) -> int:
        """One of the totals over all hosts."""
        return sum(self.stats.get(what, {}).values())

    def see(self, raw: Mapping[str, Any]) -> bool:
        """Take an event in; False, so that ansible-runner does not write it to disk."""
        try:
            self._take(raw)
        except BaseException as error:
            # Raised later: here it would leave the playbook running.
            self.trouble = self.trouble or error
            self.cancel()
        return False

    def _take(self, raw: Mapping[str, Any]) -> None:
        name, data = raw.get("event", ""), raw.get("event_data") or {}
        if raw.get("pid") and name != "verbose":
            self._pid = int(raw["pid"])
            if self.cancelled.is_set():
                self.cancel()
        if name == "playbook_on_stats":
            self.stats = data
        elif name in ("verbose", "error", "warning"):
            self.talk.extend(_clean(raw.get("stdout", "")))
        event = _event(name, data)
        if event is None:
            return
        if event.kind is EventKind.FAILED:
            lines = _reason(data.get("res") or {})
            self.failures.append(Failure(task=event.name, host=event.host, lines=lines))
            self._keep(event, lines)
        else:
            self._keep(event)
        self._on_event(event)

    def _keep(self, event: Event, lines: tuple[str, ...] = ()) -> None:
        if self._log is None:
            return
        entry: dict[str, Any] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
        entry |= {"kind": event.kind, "name": event.name, "host": event.host}
        entry |= {"lines": lines} if lines else {}
        print(redactor.clean(json.dumps(entry, ensure_ascii=False)), file=self._log, flush=True)


def _event(name: str, data: Mapping[str, Any]) -> Event | None:
    """ansible-runner's event in the words of this module."""
    kinds = {
        "playbook_on_play_start": EventKind.PLAY,
        "playbook_on_task_start": EventKind.TASK,
        "runner_on_ok": EventKind.OK,
        "runner_on_skipped": EventKind.SKIPPED,
        "runner_on_failed": EventKind.FAILED,
        "runner_on_unreachable": EventKind.FAILED,
    }
    kind = kinds.get(name)
    if kind is None or (name == "runner_on_failed" and data.get("ignore_errors")):
        return None
    if kind is EventKind.OK and (data.get("res") or {}).get("changed"):
        kind = EventKind.CHANGED
    title = data.get("name" if kind is EventKind.PLAY else "task") or ""
    return Event(kind=kind, name=" ".join(_clean(str(title))), host=str(data.get("host") or ""))


def _reason(result: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines of a task's result that tell why it failed."""
    for item in result.get("results") or ():
        if isinstance(item, Mapping) and item.get("failed"):
            return _reason(item)
    if "censored" in result:
        return ("what it said is hidden, as it holds a secret",)
    said: list[str] = []
    for key in ("module_stderr", "stderr", "module_stdout", "stdout"):
        text = result.get(key)
        if isinstance(text, str) and text.strip():
            said = _clean(text)[-8:]
            break
    message = _clean(str(result.get("msg") or ""))
    # Ansible's words for "see what it said"; a sentence since 2.21.
    empty = ("non-zero return code", "MODULE FAILURE")
    if message and not (said and any(words in message[0] for words in empty)):
        said = message[-8:] + [line for line in said if line not in message]
    return tuple(said[:12]) or ("it gave no reason",)


def _clean(text: str) -> list[str]:
    """Lines fit to be shown: no secret, no colour, nothing that moves a cursor."""
    lines = []
    for line in _COLOUR.sub("", redactor.clean(text)).splitlines():
        line = "".join(c for c in line if c.isprintable()).rstrip()
        if line.strip():
            lines.append(line)
    return lines


def _failed(playbook: str, watch: _Watch, runner: Any, log: Path | None) -> PlaybookError:
    if watch.failures:
        first = watch.failures[0]
        head = f"{playbook}: the task `{first.task}` failed on {first.host}"
        lines = first.lines
        more = len(watch.failures) - 1
        if more:
            head += f" (and {more} more)"
    else:
        head = f"{playbook}: Ansible ended with {runner.rc}"
        lines = tuple(watch.talk)[-8:]
    text = "\n".join([head + (":" if lines else ""), *(f"  {line}" for line in lines)])
    hint = f"every step is in {log}" if log else ""
    return PlaybookError(text, tuple(watch.failures), hint=hint)


def _configure(
    private: Path, playbook: Path, inventory: Path, roles: Path, *, check: bool
) -> RunnerConfig:
    """The whole run: command, environment, where everything goes."""
    own = _environment(private, roles)
    config = RunnerConfig(
        private_data_dir=str(private),
        project_dir=str(private / "project"),
        playbook=str(playbook),
        inventory=str(inventory),
        envvars=own | dict.fromkeys(("ANSIBLE_CALLBACK_PLUGINS", "AWX_LIB_DIRECTORY"), ""),
        fact_cache_type="memory",
        quiet=True,
    )
    config.prepare()
    # Asked for by module, as the scripts beside sys.executable need not be on PATH.
    config.command[0:1] = [sys.executable, "-P", "-m", "ansible", "playbook"]
    if check:
        config.command.append("--check")
    config.env = {
        name: value
        for name, value in config.env.items()
        if name in _PASSED_ON or name in _RUNNERS_OWN or name in own
    }
    config.suppress_output_file = True
    config.pexpect_timeout = 0.5
    return config


def _environment(private: Path, roles: Path) -> dict[str, str]:
    """Ansible's settings: nothing from the person's files, nothing outside the private folder."""
    return {
        # It refuses to run in any locale that is not UTF-8.
        "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONWARNINGS": "ignore",
        "ANSIBLE_CONFIG": str(private / "ansible.cfg"),
        "ANSIBLE_HOME": str(private / "home"),
        "ANSIBLE_LOCAL_TEMP": str(private / "scratch"),
        "ANSIBLE_COLLECTIONS_PATH": str(private / "collections"),
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "False",
        "ANSIBLE_ROLES_PATH": str(roles),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_NOCOWS": "True",
    }


def _write_variables(private: Path, variables: Mapping[str, Any]) -> None:
    folder = private / "env"
    folder.mkdir(mode=0o700)
    (private / "project").mkdir(mode=0o700)
    (private / "ansible.cfg").touch()
    ours = {"chatops_scratch": str(private / "scratch")}
    with os.fdopen(
        os.open(folder / "extravars", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as file:
        json.dump({name: _data(value) for name, value in variables.items()} | ours, file)


def _data(value: Any) -> Any:
    """A value that Ansible never looks into for templates: it would run what it finds."""
    if isinstance(value, str):
        return {"__ansible_unsafe": str(value)}
    if isinstance(value, Mapping):
        return {str(key): _data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} is no variable for Ansible")


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    # In memory where the system offers it: the variables may hold secrets.
    memory = Path("/dev/shm")
    base = str(memory) if memory.is_dir() and os.access(memory, os.W_OK | os.X_OK) else None
    path = Path(tempfile.mkdtemp(prefix="chatops-", dir=base))
    try:
        yield path
    finally:
        # What was killed may still write its last words.
        for _ in range(5):
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                break
            time.sleep(0.1)


@contextlib.contextmanager
def _event_log(logs: Path | None, name: str) -> Iterator[IO[str] | None]:
    if logs is None:
        yield None
        return
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = logs / f"{now}-{name}.jsonl"
    path.touch(mode=0o600, exist_ok=False)
    with path.open("a", encoding="utf-8") as file:
        yield file
    for old in sorted(logs.glob("*.jsonl"))[:-LOGS_KEPT]:
        old.unlink(missing_ok=True)


@contextlib.contextmanager
def _interrupts(cancel: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C ends the playbook, not us, while this lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
