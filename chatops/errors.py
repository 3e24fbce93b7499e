"""Every error that a user can meet, each with its exit code and what to do next.

    ChatopsError                1  something failed
    ├── UsageError              2  the command line does not make sense
    ├── SpecError               3  the company file is wrong; carries all findings
    ├── PendingChangesError     4  --expect-no-changes or fmt --check, and there are some
    ├── RefusedError            5  a safety rule, or a person, said no
    │   └── StalePlanError      5  the plan on file is not what would be done now
    ├── RunFailedError          1  a run ended with failed or blocked changes
    ├── InstallError            1  an Ansible run or a local server failed
    └── ServerError             1  the chat server, or the way to it
        ├── UnreachableError    1  no answer at all
        ├── CredentialError     1  it does not know us, or wants a second factor
        ├── AmbiguousError      1  the answer was lost: it may have happened
        └── ApiError            1  it said no
    Interrupted               130  Ctrl-C

Errors carry data and never print. `cli_options.run` is the only catcher.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "AmbiguousError",
    "ApiError",
    "ChatopsError",
    "CredentialError",
    "Finding",
    "InstallError",
    "Interrupted",
    "PendingChangesError",
    "Place",
    "RefusedError",
    "RunFailedError",
    "ServerError",
    "Severity",
    "SpecError",
    "StalePlanError",
    "UnreachableError",
    "UsageError",
]


class Severity(StrEnum):
    """How bad a finding is. Only errors stop a command."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file that a person wrote; line and column count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One remark about the spec: where, what, and what next."""

    severity: Severity
    place: Place
    path: str
    message: str
    hint: str = ""
    rule: str = ""


class ChatopsError(Exception):
    """The root: everything that ends a command with a message and no traceback.

    The message is one line, also where it tells what a server said; `lines` are those below it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", lines: Sequence[str] = ()) -> None:
        super().__init__("\n".join([message, *(f"  {line}" for line in lines)]))
        self.message = message
        self.hint = hint
        self.lines = tuple(lines)


class UsageError(ChatopsError):
    """The command line does not make sense."""

    exit_code = 2


class SpecError(ChatopsError):
    """The company file is wrong."""

    exit_code = 3

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = sum(f.severity is Severity.ERROR for f in findings)
        super().__init__(f"the company file has {errors} error{'s'[: errors != 1]}")
        self.findings = tuple(findings)


class PendingChangesError(ChatopsError):
    """There are changes, and the caller expected none."""

    exit_code = 4


class RefusedError(ChatopsError):
    """A safety rule, or the person asked, said no. Nothing was changed."""

    exit_code = 5


class StalePlanError(RefusedError):
    """The plan on file is not what would be done now."""


class RunFailedError(ChatopsError):
    """Some changes failed or were blocked; the report said which."""


class InstallError(ChatopsError):
    """A playbook, or the embedded server, did not do its work."""


class ServerError(ChatopsError):
    """The chat server, or the way to it, failed."""


class UnreachableError(ServerError):
    """No answer: wrong address, server down, certificate not trusted."""


class CredentialError(ServerError):
    """The server does not accept who we say we are."""


class AmbiguousError(ServerError):
    """The request left and its answer was lost, or was a 5xx: it may or may not have happened.

    The engine reads again before it does anything else.
    """


class ApiError(ServerError):
    """The server answered no.

    `code` is the machine-readable name: Mattermost's error id, Rocket.Chat's errorType.
    """

    def __init__(
        self, message: str, *, status: int, code: str, call: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.call = call


class Interrupted(ChatopsError):
    """The person pressed Ctrl-C; what was under way has been finished."""

    exit_code = 130
