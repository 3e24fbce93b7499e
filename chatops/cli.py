"""The verbs. Each one: read the options, call one function, hand the result to `ui`.

A family of verbs has a module of its own, a `typer.Typer` that is added here without a name.
"""

import re
import sys
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, cast

import typer
from typer.core import TyperGroup

from chatops import (
    __version__,
    cli_doctor,
    cli_file,
    cli_import,
    cli_installation,
    cli_output,
    cli_platforms,
    cli_secret,
    environments,
    verbs,
)
from chatops.cli_options import (
    DEFAULT_FILE,
    CaFile,
    Debug,
    Env,
    File,
    Json,
    Markdown,
    Only,
    Parallel,
    Proxy,
    Quiet,
    Removals,
    ServerUrl,
    Timeout,
    Verbose,
    WriteVault,
    Yes,
    cancelling,
    make_ui,
    run,
)
from chatops.errors import Interrupted, UsageError
from chatops.opening import Options
from chatops.ui import UnwrittenError

__all__ = ["app", "main"]

_PLAINLY: Final = (
    (r"Value error, (.*)", r"\1"),
    (r"Input should be a valid integer.*", "a whole number is wanted"),
    (r"Input should be a valid number.*", "a number is wanted"),
    (r"Input should be greater than or equal to (.*)", r"\1 is the least"),
    (r"Input should be less than or equal to (.*)", r"\1 is the most"),
)
"""What typer's checker says of an option, and what a person wants to read."""


class _Root(TyperGroup):
    """The command line whole: what is wrong with any option of any verb comes by here."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            for said, plainly in _PLAINLY:
                error.message = re.sub(f"^{said}$", plainly, error.message, flags=re.S)
            raise


app = typer.Typer(
    name="chatops",
    cls=_Root,
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
app.add_typer(cli_file.app)
app.add_typer(cli_secret.app, name="secret")
app.add_typer(cli_output.app)
app.add_typer(cli_platforms.app)
app.add_typer(cli_doctor.app)
app.add_typer(cli_import.app, name="import")
app.add_typer(cli_installation.app)


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
    markdown: Markdown = False,
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
    ui = make_ui(as_json, quiet, verbose, debug)
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
    run(
        ui,
        lambda: verbs.plan(
            ui, options, out=out, expect_no_changes=expect_no_changes, markdown=markdown
        ),
    )


@app.command()
def show(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="A saved plan.")],
    markdown: Markdown = False,
    as_json: Json = False,
) -> None:
    """Print a saved plan."""
    ui = make_ui(as_json)
    run(ui, lambda: verbs.show(ui, plan_file, markdown=markdown))


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
    write_vault: WriteVault = False,
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
    ui = make_ui(as_json, quiet, verbose, debug)
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
        write_vault=write_vault,
    )
    given = frozenset(
        name
        for name, value in (("file", file), ("env", env), ("server", server), ("only", only))
        if value
    )
    with cancelling() as cancelled:
        run(
            ui,
            lambda: verbs.apply(
                ui, options, plan_file=plan_file, given=given, yes=yes, cancelled=cancelled
            ),
        )


@app.command()
def deploy(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    yes: Yes = False,
    allow_removals: Removals = False,
    write_vault: WriteVault = False,
    parallelism: Parallel = 8,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Bring up the chat and make it as the file says."""
    ui = make_ui(as_json, quiet, verbose, debug)
    options = Options(
        file=file,
        env=env,
        allow_removals=allow_removals,
        parallelism=parallelism,
        write_vault=write_vault,
    )
    with cancelling() as cancelled:
        run(ui, lambda: verbs.deploy(ui, options, yes=yes, cancelled=cancelled))


Product = Annotated[str, typer.Argument(metavar="PLATFORM", help="mattermost or rocketchat.")]


@sandbox_app.command("start")
def sandbox_start(
    file: File = DEFAULT_FILE,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 0,
    as_json: Json = False,
) -> None:
    """Start the company's sandbox in the background."""
    ui = make_ui(as_json)
    run(ui, lambda: verbs.sandbox(ui, "start", file, port=port))


@sandbox_app.command("stop")
def sandbox_stop(file: File = DEFAULT_FILE, as_json: Json = False) -> None:
    """Stop it; its data stays."""
    ui = make_ui(as_json)
    run(ui, lambda: verbs.sandbox(ui, "stop", file))


@sandbox_app.command("status")
def sandbox_status(file: File = DEFAULT_FILE, as_json: Json = False) -> None:
    """Say whether it runs, and where."""
    ui = make_ui(as_json)
    run(ui, lambda: verbs.sandbox(ui, "status", file))


@sandbox_app.command("reset")
def sandbox_reset(file: File = DEFAULT_FILE, yes: Yes = False, as_json: Json = False) -> None:
    """Stop it and throw its data away."""
    ui = make_ui(as_json)
    run(ui, lambda: verbs.sandbox(ui, "reset", file, yes=yes))


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
    ui = make_ui(False)
    run(ui, lambda: verbs.serve(product, port, data, host))


_WrongUsage = cast("type[Exception]", typer.BadParameter.__base__)
"""What typer raises for an option that there is not, too; it exports one of them alone."""


def main() -> NoReturn:
    """Run the command line; every way out has its exit code."""
    # Whoever reads JSON reads of an option that there is not as of any other error.
    as_json = "--json" in takewhile(lambda word: word != "--", sys.argv[1:])
    try:
        code = app(prog_name="chatops", standalone_mode=not as_json)
        sys.exit(code if isinstance(code, int) else 0)
    except _WrongUsage as error:
        wrong = _usage_error(error)
        make_ui(as_json).error(wrong)
        sys.exit(wrong.exit_code)
    except typer.Abort:
        sys.exit(1)
    except OSError as error:
        # What typer itself prints, as --help and --version.
        unwritten = UnwrittenError(error)
        make_ui(False).error(unwritten)
        sys.exit(unwritten.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
    sys.exit(Interrupted.exit_code)


def _usage_error(error: Any) -> UsageError:
    """What typer says of the words on the command line, as an error of ours."""
    where = f"{error.ctx.command_path} --help" if error.ctx is not None else "chatops --help"
    return UsageError(error.format_message(), hint=f"`{where}` shows what there is")
