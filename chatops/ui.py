"""What a person, or a pipe, sees: data on stdout, talk on stderr, the same text without colour.

Everything here is text made from values; nothing decides.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from chatops.core.events import Event, Outcome, Report
from chatops.errors import ChatopsError, Finding, Severity
from chatops.review.lines import clean, plan_text
from chatops.secrets import Secret, redactor
from chatops.spec.text import findings_text

__all__ = [
    "Ui",
    "UnwrittenError",
    "event_line",
    "findings_json",
    "plan_text",
    "report_summary",
]

_STYLES = {"+": "green", "~": "yellow", "-": "red", "?": "cyan", "!": "magenta"}
_MARKS = {
    Outcome.DONE: ("✓", "green"),
    Outcome.PARTLY: ("✗", "red"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.BLOCKED: ("·", "yellow"),
    Outcome.NOT_STARTED: ("·", "yellow"),
}
_FEW = 5
_LONGEST_TALK = 2000


class Ui:
    """The two streams, and how much of the talk is wanted."""

    def __init__(
        self, *, as_json: bool = False, quiet: bool = False, verbose: bool = False
    ) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        wide: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False}
        self.out = _Out(soft_wrap=True, **wide)
        self.err = Console(stderr=True, soft_wrap=True, **wide)
        self._progress: Progress | None = None
        self._answered = False
        """Whether stdout has its one JSON document: then an error goes to stderr."""

    @property
    def watched(self) -> bool:
        """Whether a person looks at the talk."""
        return self.err.is_terminal and not self.quiet

    def data(self, value: Any, text: str) -> None:
        """The answer: `value` under --json, else `text`."""
        if self.as_json:
            if value is None:
                return
            self._answered = True
            body = json.dumps(value, ensure_ascii=False, indent=2)
            with _reader_may_leave():
                sys.stdout.write(redactor.clean(body) + "\n")
                sys.stdout.flush()
        elif text:
            with _reader_may_leave():
                self._lines(self.out, text)
                sys.stdout.flush()

    def document(self, text: str) -> None:
        """The answer, in a language of its own: no line of it is coloured or bent."""
        with _reader_may_leave():
            sys.stdout.write(redactor.clean(text).rstrip("\n") + "\n")
            sys.stdout.flush()

    def reveal(self, value: Mapping[str, object], secret: Secret) -> None:
        """The one answer that is a secret: nothing is taken out of it."""
        if self.as_json:
            self._answered = True
            open_ = {k: v.reveal() if isinstance(v, Secret) else v for k, v in value.items()}
            text = json.dumps(open_, ensure_ascii=False, indent=2)
        else:
            text = secret.reveal()
        with _reader_may_leave():
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def reveal_all(self, value: object, text: str) -> None:
        """Several answers that are secrets, where a person asked to see them all."""
        if self.as_json:
            self._answered = True
            text = json.dumps(value, ensure_ascii=False, indent=2)
        with _reader_may_leave():
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    @property
    def columns(self) -> int | None:
        """How wide stdout is, where a person looks at it; None for a pipe, which gets it all."""
        return shutil.get_terminal_size().columns if sys.stdout.isatty() else None

    def say(self, text: str, style: str = "") -> None:
        """Talk."""
        if not self.quiet:
            self.err.print(Text(_shown(text), style=style))

    def warn(self, text: str, word: str = "warning") -> None:
        """What a person must know, also one who wants no talk."""
        self.err.print(Text(_shown(f"{word}: {text}"), style="yellow"))

    def notice(self, text: str) -> None:
        """What a person must know though nothing is wrong."""
        self.warn(text, "note")

    def ask(self, question: str) -> bool:
        """Whether the person says yes. Only when `can_ask`."""
        self.err.print(Text(f"{question} [y/N] "), end="")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def prompt(self, question: str, default: str = "") -> str:
        """What the person writes, or the default. Only when `can_ask`."""
        shown = f"{question} [{default}] " if default else f"{question} "
        self.err.print(Text(_shown(shown)), end="")
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        return line.strip() or default

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty() and self.err.is_terminal

    def findings(self, findings: Sequence[Finding]) -> None:
        """Findings beside other output: on stderr."""
        if findings and not self.quiet:
            self._lines(self.err, findings_text(findings).rstrip("\n"))

    def error(self, error: ChatopsError) -> None:
        """The last words of a command that failed."""
        if self.as_json and not self._answered:
            body: dict[str, Any] = {
                "message": str(error),
                "hint": error.hint,
                "exit_code": error.exit_code,
            }
            found = getattr(error, "findings", None)
            if found:
                body["findings"] = findings_json(found)
            with suppress(UnwrittenError):
                self.data({"error": body}, "")
                return
        found = getattr(error, "findings", None)
        if found:
            self._lines(self.err, findings_text(found).rstrip("\n"))
            return
        self.err.print(Text(_shown(f"error: {error.message}"), style="red"))
        for line in error.lines:
            self.err.print(Text(_shown(_below(line)), style="red"))
        if error.hint:
            self.err.print(Text(_shown(f"hint: {error.hint}")))

    @contextmanager
    def working(self, what: str, total: int | None = None) -> Iterator[None]:
        """A progress view while something takes time; one plain line where nobody watches."""
        if not self.watched or self.as_json:
            if total is None:
                self.say(what)
            yield
            return
        columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False)]
        if total is not None:
            columns += [BarColumn(bar_width=30), MofNCompleteColumn()]
        with Progress(*columns, console=self.err, transient=True) as progress:
            self._progress = progress
            progress.add_task(what, total=total)
            try:
                yield
            finally:
                self._progress = None

    def step(self, what: str) -> None:
        """What is being done now, within `working`."""
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], description=_shown(what))
        elif self.verbose:
            self.say(f"  {what}")

    def event(self, event: Event) -> None:
        """One change of a run."""
        if event.outcome is Outcome.STARTED:
            return
        good = event.outcome is Outcome.DONE
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[0])
            if good and not self.verbose:
                return
        if self.quiet and good:
            return
        mark, style = _MARKS[event.outcome]
        text = Text(_shown(f"  {mark} {event_line(event)}"))
        text.stylize(style, 2, 3)
        self.err.print(text)

    def _lines(self, console: Console, text: str) -> None:
        for line in redactor.clean(text).split("\n"):
            line = clean(line)
            rich = Text(line)
            sign = line[2:3] if line.startswith("  ") and line[3:4] == " " else ""
            if sign in _STYLES:
                rich.stylize(_STYLES[sign], 2, 3)
            for word, style in ((" error ", "red"), (" warning ", "yellow")):
                at = line.find(word)
                if 0 < at < 60:
                    rich.stylize(style, at, at + len(word))
                    break
            console.print(rich)


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as plain data."""
    return [
        {
            "severity": f.severity.value,
            "file": f.place.file,
            "line": f.place.line,
            "column": f.place.column,
            "path": f.path,
            "message": f.message,
            "hint": f.hint,
            "rule": f.rule,
        }
        for f in findings
    ]


def findings_counted(findings: Sequence[Finding]) -> dict[str, Any]:
    """What `validate --json` prints."""
    return {
        "findings": findings_json(findings),
        "errors": sum(f.severity is Severity.ERROR for f in findings),
        "warnings": sum(f.severity is Severity.WARNING for f in findings),
    }


def report_summary(report: Report) -> str:
    """How a run ended."""
    counts = report.counts
    order = (
        Outcome.DONE,
        Outcome.PARTLY,
        Outcome.FAILED,
        Outcome.BLOCKED,
        Outcome.NOT_STARTED,
    )
    words = ", ".join(
        f"{counts.get(o, 0)} {o.value}" for o in order if counts.get(o) or o is Outcome.DONE
    )
    unchecked = f"; not read again: {clean(report.unchecked)}" if report.unchecked else ""
    return f"{words} in {report.seconds:.1f}s{unchecked}"


def event_line(event: Event) -> str:
    """One change of a run, without its mark."""
    what = f"{event.change.key.kind} {event.change.key.name}"
    if event.outcome is Outcome.BLOCKED and event.blocked_by is not None:
        blocker = f"{event.blocked_by.kind} {event.blocked_by.name}"
        return clean(f"{what}  blocked by {blocker}")
    if event.outcome is Outcome.NOT_STARTED:
        return clean(f"{what}  not started")
    if event.problem is not None:
        hint = f" ({event.problem.hint})" if event.problem.hint else ""
        return clean(f"{what}  {event.problem.message}{hint}")
    if event.failed:
        parts = [f"{n}: {p.message}" for n, p in sorted(event.failed.items())]
        more = f"; and {len(parts) - _FEW} more" if len(parts) > _FEW else ""
        text = "; ".join(parts[:_FEW]) + more
        return clean(f"{what}  done but for {len(parts)}: {text}")
    return clean(f"{what}  {event.seconds:.1f}s")


def event_json(event: Event) -> dict[str, Any]:
    """One change of a run as plain data."""
    body: dict[str, Any] = {
        "kind": event.change.key.kind.value,
        "name": event.change.key.name,
        "action": event.change.action.value,
        "outcome": event.outcome.value,
        "seconds": round(event.seconds, 3),
    }
    if event.problem is not None:
        body["problem"] = {"message": event.problem.message, "code": event.problem.code}
    if event.failed:
        body["failed"] = {k: v.message for k, v in sorted(event.failed.items())}
    if event.blocked_by is not None:
        body["blocked_by"] = str(event.blocked_by)
    return body


def _shown(text: str) -> str:
    """One line for a person: no secret, nothing a terminal would obey, no end of it.

    A line break in it came from a server or a file: shown as one, it could begin a line that a
    pipeline takes for a command (`::error::…` on GitHub).
    """
    text = redactor.clean(text)
    return clean(text if len(text) <= _LONGEST_TALK else f"{text[:_LONGEST_TALK]}…")


def _below(line: str) -> str:
    """A line of what a program said, below what we say of it, and no command of a pipeline."""
    return f"  | {line}" if line.lstrip().startswith("::") else f"  {line}"


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """The reader of stdout may go, as `head` does; what the command did keeps its exit code.

    Raises UnwrittenError where the answer cannot be written for another reason: a full disk.
    """
    try:
        yield
    except BrokenPipeError:
        drop_stdout()
    except OSError as error:
        raise UnwrittenError(error) from error


class UnwrittenError(ChatopsError):
    """Stdout takes nothing: it is a file on a full disk, or closed."""

    def __init__(self, error: OSError) -> None:
        drop_stdout()
        super().__init__(
            f"the output cannot be written: {error.strerror or error}",
            hint="what was done is done; see where stdout goes",
        )


def drop_stdout() -> None:
    """What is still to be written goes nowhere: Python would try it again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _Out(Console):
    """Stdout; rich would end the command with its own exit code when the reader leaves."""

    def on_broken_pipe(self) -> None:
        drop_stdout()
