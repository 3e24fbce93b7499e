"""What a run of a playbook tells: its steps as they happen, what changed, and why one failed."""

import contextlib
import difflib
import json
import os
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final

from chatops.errors import InstallError
from chatops.secrets import redactor

__all__ = [
    "Event",
    "EventKind",
    "Failure",
    "HostChange",
    "PlaybookError",
    "RunResult",
    "Tally",
    "Watch",
    "clean",
]

POLITE_SECONDS: Final = 5.0
DIFF_LINES: Final = 200
MOST_LINES: Final = 24
SERVING: Final = frozenset(("part",))
"""Roles that do what the play is about, for all plays alike."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class EventKind(StrEnum):
    """What a run tells about."""

    PLAY = "play"
    TASK = "task"
    OK = "ok"
    CHANGED = "changed"
    SKIPPED = "skipped"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One step of a run; `host` is empty for the beginning of a play or a task.

    `role`: whose work it is; a role that only serves others works for its play.
    """

    kind: EventKind
    name: str
    host: str = ""
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A task that did not work on a host, and what it said last."""

    task: str
    host: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HostChange:
    """One thing that a run changed on a host, or with `check` would change.

    `what` is a path or a name, empty where the task says it all; `diff` are lines of a unified
    difference, none for what is secret.
    """

    host: str
    role: str
    task: str
    what: str = ""
    diff: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tally:
    """Tasks that did their work, and of these the ones that changed something."""

    ok: int = 0
    changed: int = 0


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """A run that went well. `reports` holds what the task named `report` printed on each host.

    A task that hides its output counts as one that changed nothing.
    """

    ok: int
    changed: int
    log: Path | None = None
    roles: Mapping[str, Tally] = field(default_factory=dict)
    changes: tuple[HostChange, ...] = ()
    reports: Mapping[str, str] = field(default_factory=dict)
    told_at: Mapping[str, float] = field(default_factory=dict)
    """When each report came in, in seconds since the epoch."""


class PlaybookError(InstallError):
    """A run that failed; `failures` says where."""

    def __init__(
        self,
        message: str,
        failures: tuple[Failure, ...],
        *,
        hint: str = "",
        lines: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, lines=lines)
        self.failures = failures


class Watch:
    """What is learned from a run's events, and whether it is to end."""

    def __init__(
        self, on_event: Callable[[Event], None], log: IO[str] | None, report: str = ""
    ) -> None:
        self._on_event = on_event
        self._log = log
        self._report = report
        self._pid = 0
        self._cancelled_at = 0.0
        self.cancelled = threading.Event()
        self.trouble: BaseException | None = None
        self.failures: list[Failure] = []
        self.talk: deque[str] = deque(maxlen=40)
        self.roles: dict[str, Tally] = {}
        self.changes: list[HostChange] = []
        self.reports: dict[str, str] = {}
        self.told_at: dict[str, float] = {}

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

    def result(self, log: Path | None) -> RunResult:
        """The whole of it, for a run that went well."""
        return RunResult(
            ok=sum(tally.ok for tally in self.roles.values()),
            changed=sum(tally.changed for tally in self.roles.values()),
            log=log,
            roles=dict(self.roles),
            changes=tuple(self.changes),
            reports=dict(self.reports),
            told_at=dict(self.told_at),
        )

    def error(self, playbook: str, code: int, log: Path | None) -> PlaybookError:
        """The whole of it, for a run that failed."""
        # Of each host the last one: what came before it may have been rescued.
        failures = tuple({failure.host: failure for failure in self.failures}.values())
        if failures:
            first = failures[0]
            head = f"{playbook}: the task `{first.task}` failed on {first.host}"
            lines = first.lines
            more = len(failures) - 1
            if more:
                head += f" (and {more} more)"
        else:
            head = f"{playbook}: Ansible ended with {code}"
            lines = tuple(self.talk)[-8:]
        hint = f"every step is in {log}" if log else ""
        return PlaybookError(head + (":" if lines else ""), failures, hint=hint, lines=lines)

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
        if name in ("verbose", "error", "warning"):
            self.talk.extend(clean(raw.get("stdout", "")))
        event = _event(name, data)
        if event is None:
            return
        result = data.get("res") or {}
        if event.kind is EventKind.FAILED:
            lines = _reason(result)
            self.failures.append(Failure(task=event.name, host=event.host, lines=lines))
            self._keep(event, lines)
        else:
            self._keep(event)
        if event.kind in (EventKind.OK, EventKind.CHANGED):
            changed = event.kind is EventKind.CHANGED
            before = self.roles.get(event.role, Tally())
            self.roles[event.role] = Tally(before.ok + 1, before.changed + changed)
            if changed:
                self.changes.extend(_changes(event, result))
            if event.name == self._report:
                self.reports[event.host] = str(result.get("stdout") or "")
                self.told_at[event.host] = time.time()
        self._on_event(event)

    def _keep(self, event: Event, lines: tuple[str, ...] = ()) -> None:
        if self._log is None:
            return
        entry: dict[str, Any] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
        entry |= {"kind": event.kind, "name": event.name, "host": event.host}
        entry |= {"role": event.role} if event.role else {}
        entry |= {"lines": lines} if lines else {}
        print(redactor.clean(json.dumps(entry, ensure_ascii=False)), file=self._log, flush=True)


_KINDS: Final = {
    "playbook_on_play_start": EventKind.PLAY,
    "playbook_on_task_start": EventKind.TASK,
    "runner_on_ok": EventKind.OK,
    "runner_on_skipped": EventKind.SKIPPED,
    "runner_retry": EventKind.WAITING,
    "runner_on_failed": EventKind.FAILED,
    "runner_on_unreachable": EventKind.FAILED,
}


def _event(name: str, data: Mapping[str, Any]) -> Event | None:
    """ansible-runner's event in the words of this module."""
    kind = _KINDS.get(name)
    if kind is None or (name == "runner_on_failed" and data.get("ignore_errors")):
        return None
    if kind is EventKind.OK and (data.get("res") or {}).get("changed"):
        kind = EventKind.CHANGED
    title = data.get("name" if kind is EventKind.PLAY else "task") or ""
    role = str(data.get("role") or "")
    return Event(
        kind=kind,
        name=" ".join(clean(str(title))),
        host=str(data.get("host") or ""),
        role=str(data.get("play") or role).lower() if role in SERVING else role,
    )


def _changes(event: Event, result: Mapping[str, Any]) -> Iterator[HostChange]:
    """What of a task's result differs: of a loop, the parts that changed."""
    items = result.get("results")
    parts = [result]
    if isinstance(items, list) and items:
        parts = [i for i in items if isinstance(i, Mapping) and i.get("changed")]
    for part in parts:
        what = next((part[k] for k in ("dest", "path", "_ansible_item_label") if part.get(k)), "")
        yield HostChange(
            host=event.host,
            role=event.role,
            task=event.name,
            what=" ".join(clean(what)) if isinstance(what, str) else "",
            diff=tuple(_difference(part.get("diff"))),
        )


def _difference(raw: Any) -> Iterator[str]:
    """Ansible's `diff` as lines; it comes as one, or as a list of them."""
    for part in raw if isinstance(raw, list) else [raw]:
        if not isinstance(part, Mapping):
            continue
        before, after = part.get("before"), part.get("after")
        if isinstance(part.get("prepared"), str):
            lines = clean(part["prepared"])
        elif isinstance(before, str) and isinstance(after, str):
            lines = list(difflib.unified_diff(clean(before), clean(after), n=1, lineterm=""))[2:]
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            # Owner, mode and the like; the path is said already.
            keys = [k for k in after if k != "path" and before.get(k) != after[k]]
            lines = [
                line
                for key in keys
                for line in clean(f"-{key}: {before.get(key, 'none')}\n+{key}: {after[key]}")
            ]
        else:
            continue
        yield from lines[:DIFF_LINES]
        if len(lines) > DIFF_LINES:
            yield f"… {len(lines) - DIFF_LINES} lines more"


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
            said = clean(text)[-8:]
            break
    message = clean(str(result.get("msg") or ""))
    # Ansible's words for "see what it said"; a sentence since 2.21.
    empty = ("non-zero return code", "MODULE FAILURE")
    if message and not (said and any(words in message[0] for words in empty)):
        said = message + [line for line in said if line not in message]
    if len(said) > MOST_LINES:
        said = [*said[:4], "…", *said[5 - MOST_LINES :]]
    return tuple(said) or ("it gave no reason",)


def clean(text: str) -> list[str]:
    """Lines fit to be shown: no secret, no colour, nothing that moves a cursor."""
    lines = []
    for line in _COLOUR.sub("", redactor.clean(text)).splitlines():
        line = "".join(c for c in line if c.isprintable() or c == "\t").rstrip().expandtabs(4)
        if line.strip():
            lines.append(line)
    return lines
