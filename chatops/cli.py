"""The verbs. Each one: read the options, call one function, hand the result to `ui`.

The only catcher of ChatopsError, and the only user of typer.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from chatops import __version__, environments, verbs
from chatops.errors import ChatopsError, Interrupted
from chatops.log import start_debug_log
from chatops.opening import Options, leave
from chatops.ui import Ui

__all__ = ["app", "main"]

app = typer.Typer(
    name="chatops",
    help="A company's chat as code: one file in git describes it, chatops makes it so.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sandbox_app = typer.Typer(
    help="The embedded server that stands in for a real one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(sandbox_app, name="sandbox")

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
DEFAULT_FILE = Path("company.yaml")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatops {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and leave.", is_eager=True, callback=_version
        ),
    ] = False,
) -> None:
    """What stands before a verb."""


@app.command()
def validate(
    file: File = DEFAULT_FILE, as_json: Json = False, quiet: Quiet = False, debug: Debug = False
) -> None:
    """Check the company file, without any server."""
    ui = _ui(as_json, quiet, False, debug)
    _run(ui, lambda: verbs.validate(ui, file))


@app.command()
def plan(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    only: Only = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Save the plan.")
    ] = None,
    expect_no_changes: Annotated[
        bool, typer.Option("--expect-no-changes", help="Exit 4 when there are changes.")
    ] = False,
    allow_removals: Removals = False,
    parallelism: Parallel = 8,
    server: ServerUrl = None,
    ca_file: CaFile = None,
    proxy: Proxy = None,
    timeout: Timeout = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show what would be changed. Changes nothing."""
    ui = _ui(as_json, quiet, verbose, debug)
    options = Options(
        file=file,
        env=env,
        server=server,
        ca_file=ca_file,
        proxy=proxy,
        timeout=timeout,
        only=tuple(only or ()),
        allow_removals=allow_removals,
        parallelism=parallelism,
    )
    _run(ui, lambda: verbs.plan(ui, options, out=out, expect_no_changes=expect_no_changes))


@app.command()
def show(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="A saved plan.")],
    as_json: Json = False,
) -> None:
    """Print a saved plan."""
    ui = _ui(as_json, False, False, False)
    _run(ui, lambda: verbs.show(ui, plan_file))


@app.command()
def apply(
    plan_file: Annotated[
        Path | None,
        typer.Argument(
            metavar="PLAN",
            help="A saved plan; refused when it is stale, applied without a question.",
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", help="The company file.", metavar="FILE")
    ] = None,
    env: Annotated[
        str | None,
        typer.Option("--env", help="The environment: a folder under inventories/.", metavar="NAME"),
    ] = None,
    only: Only = None,
    yes: Yes = False,
    allow_removals: Removals = False,
    parallelism: Parallel = 8,
    server: ServerUrl = None,
    ca_file: CaFile = None,
    proxy: Proxy = None,
    timeout: Timeout = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make the server as the file says, after showing the plan."""
    ui = _ui(as_json, quiet, verbose, debug)
    options = Options(
        file=file or DEFAULT_FILE,
        env=env or environments.DEFAULT,
        server=server,
        ca_file=ca_file,
        proxy=proxy,
        timeout=timeout,
        only=tuple(only or ()),
        allow_removals=allow_removals,
        parallelism=parallelism,
    )
    given = frozenset(
        name
        for name, value in (("file", file), ("env", env), ("server", server), ("only", only))
        if value
    )
    with _cancelling() as cancelled:
        _run(
            ui,
            lambda: verbs.apply(
                ui, options, plan_file=plan_file, given=given, yes=yes, cancelled=cancelled
            ),
        )


@app.command()
def render(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FOLDER", help="Where to; build/NAME unless said."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the files of an installation into a folder."""
    ui = _ui(as_json, quiet, False, False)
    _run(ui, lambda: verbs.render(ui, file, env, out))


@app.command()
def deploy(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    yes: Yes = False,
    allow_removals: Removals = False,
    parallelism: Parallel = 8,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Bring up the chat and make it as the file says."""
    ui = _ui(as_json, quiet, verbose, debug)
    options = Options(file=file, env=env, allow_removals=allow_removals, parallelism=parallelism)
    with _cancelling() as cancelled:
        _run(ui, lambda: verbs.deploy(ui, options, yes=yes, cancelled=cancelled))


Product = Annotated[str, typer.Argument(metavar="PLATFORM", help="mattermost or rocketchat.")]


@sandbox_app.command("start")
def sandbox_start(
    file: File = DEFAULT_FILE,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 0,
    as_json: Json = False,
) -> None:
    """Start the company's sandbox in the background."""
    ui = _ui(as_json, False, False, False)
    _run(ui, lambda: verbs.sandbox(ui, "start", file, port=port))


@sandbox_app.command("stop")
def sandbox_stop(file: File = DEFAULT_FILE, as_json: Json = False) -> None:
    """Stop it; its data stays."""
    ui = _ui(as_json, False, False, False)
    _run(ui, lambda: verbs.sandbox(ui, "stop", file))


@sandbox_app.command("status")
def sandbox_status(file: File = DEFAULT_FILE, as_json: Json = False) -> None:
    """Say whether it runs, and where."""
    ui = _ui(as_json, False, False, False)
    _run(ui, lambda: verbs.sandbox(ui, "status", file))


@sandbox_app.command("reset")
def sandbox_reset(file: File = DEFAULT_FILE, yes: Yes = False, as_json: Json = False) -> None:
    """Stop it and throw its data away."""
    ui = _ui(as_json, False, False, False)
    _run(ui, lambda: verbs.sandbox(ui, "reset", file, yes=yes))


@sandbox_app.command("serve")
def sandbox_serve(
    product: Product,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 0,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep its data here; in memory unless said.")
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Listen here.")] = "127.0.0.1",
) -> None:
    """Start an empty one in the foreground; its address is the first line.

    The first admin comes from CHATOPS_SANDBOX_ADMIN=NAME:PASSWORD:EMAIL.
    """
    ui = _ui(False, False, False, False)
    _run(ui, lambda: verbs.serve(product, port, data, host))


def main() -> NoReturn:
    """Run the command line; every way out has its exit code."""
    try:
        app(prog_name="chatops")
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    sys.exit(Interrupted.exit_code)


def _ui(as_json: bool, quiet: bool, verbose: bool, debug: bool) -> Ui:
    if debug:
        start_debug_log()
    return Ui(as_json=as_json, quiet=quiet, verbose=verbose)


def _run(ui: Ui, verb: Callable[[], Any]) -> None:
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
def _cancelling() -> Iterator[threading.Event]:
    """The first Ctrl-C or TERM asks the run to stop, the second one stops it."""
    cancelled = threading.Event()

    def ask(number: int, frame: Any) -> None:
        if cancelled.is_set():
            sys.stderr.write("\nstopped at once: run it again, and only what is left is done\n")
            sys.stderr.flush()
            # Calls under way cannot be taken back, and nobody may wait for them any more.
            os._exit(Interrupted.exit_code)
        if not verbs.applying.is_set():
            raise KeyboardInterrupt
        cancelled.set()
        sys.stderr.write("\nstopping: what is under way is finished, once more stops at once\n")

    before = {n: signal.signal(n, ask) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
