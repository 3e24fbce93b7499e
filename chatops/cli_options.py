"""What the verbs of the command line share: options that several take, and the way out."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from chatops import verbs
from chatops.changing import applying
from chatops.errors import ChatopsError, Interrupted
from chatops.log import start_debug_log
from chatops.opening import leave
from chatops.ui import Ui

__all__ = [
    "DEFAULT_FILE",
    "CaFile",
    "Debug",
    "Env",
    "File",
    "Json",
    "Markdown",
    "Only",
    "Parallel",
    "Proxy",
    "Quiet",
    "Removals",
    "ServerUrl",
    "Timeout",
    "Verbose",
    "WriteVault",
    "Yes",
    "cancelling",
    "make_ui",
    "run",
]

File = Annotated[
    Path, typer.Option("-f", "--file", help="The company file.", metavar="FILE", show_default=True)
]
Env = Annotated[
    str, typer.Option("--env", help="The environment: a folder under inventories/.", metavar="NAME")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        help="Only these: a kind (setting, user, team, team-members, channel, members), or "
        "kind:name with * and ?.",
        metavar="PATTERN",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Markdown = Annotated[
    bool,
    typer.Option("--markdown", help="Print it as a comment for a pull request, in Markdown."),
]
Yes = Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="No talk beside the answer, but what went wrong.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Log each call to stderr, without secrets.")]
Removals = Annotated[
    bool, typer.Option("--allow-removals", help="Lift policy.max_removals for this run.")
]
Parallel = Annotated[
    int, typer.Option("--parallelism", min=1, max=64, help="Changes made side by side.")
]
ServerUrl = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help="A server that runs, instead of an environment; who we are comes from "
        "CHATOPS_TOKEN (Rocket.Chat: and CHATOPS_USER_ID), or CHATOPS_USERNAME and "
        "CHATOPS_PASSWORD.",
    ),
]
CaFile = Annotated[
    Path | None, typer.Option("--ca-file", metavar="FILE", help="CA certificates to trust.")
]
Proxy = Annotated[
    str | None, typer.Option("--proxy", metavar="URL", help="HTTP proxy on the way to the server.")
]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Longest wait for one answer."),
]
WriteVault = Annotated[
    bool,
    typer.Option(
        "--write-vault",
        help="In a pipeline: write what is made up into the vault, which you keep afterwards.",
    ),
]
DEFAULT_FILE = Path("company.yaml")


def make_ui(as_json: bool, quiet: bool = False, verbose: bool = False, debug: bool = False) -> Ui:
    """The two streams, and the log of --debug."""
    if debug:
        start_debug_log()
    return Ui(as_json=as_json, quiet=quiet, verbose=verbose)


def run(ui: Ui, verb: Callable[[], Any]) -> None:
    """Do it. The only place that catches errors: each leaves with its message and exit code."""
    try:
        verb()
    except ChatopsError as error:
        ui.error(error)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            sys.stderr.write("\n")
        stopped = Interrupted("interrupted; nothing more was changed", hint="run it again")
        ui.error(stopped)
        raise typer.Exit(stopped.exit_code) from None
    except Exception as error:
        verbs.log_unexpected()
        ui.error(
            ChatopsError(
                f"a fault of chatops itself: {type(error).__name__}: {error}",
                hint="run again with --debug and report it with the log",
            )
        )
        raise typer.Exit(1) from None
    finally:
        leave()


@contextmanager
def cancelling() -> Iterator[threading.Event]:
    """The first Ctrl-C or TERM asks the run to stop, the second one stops it."""
    cancelled = threading.Event()

    def ask(number: int, frame: Any) -> None:
        if cancelled.is_set():
            sys.stderr.write("\nstopped at once: run it again, and only what is left is done\n")
            sys.stderr.flush()
            # Calls under way cannot be taken back, and nobody may wait for them any more.
            os._exit(Interrupted.exit_code)
        if not applying.is_set():
            raise KeyboardInterrupt
        cancelled.set()
        sys.stderr.write("\nstopping: what is under way is finished, once more stops at once\n")

    before = {n: signal.signal(n, ask) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
