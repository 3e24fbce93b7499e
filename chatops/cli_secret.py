"""The verbs about secrets: `chatops secret …`."""

from pathlib import Path
from typing import Annotated

import typer

from chatops import verbs_secret
from chatops.cli_options import DEFAULT_FILE, File, Json, Quiet, WriteVault, Yes, make_ui, run
from chatops.errors import UsageError
from chatops.ui import Ui
from chatops.vault import Shape
from chatops.verbs_secret import Asked

__all__ = ["app"]

app = typer.Typer(
    help="What nobody may see: kept in vault.yaml, encrypted, beside the company file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

OneEnv = Annotated[
    str | None,
    typer.Option("--env", metavar="NAME", help="Of this environment: a folder in inventories/."),
]
OneServer = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="Of a server that was named by --server."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name, as in vault:NAME.")]


@app.command("list")
def list_(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATTERN]", help="Only these names, with * and ?."),
    ] = None,
    file: File = DEFAULT_FILE,
    env: OneEnv = None,
    server: OneServer = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Names, where each is used, and when it was made; never a value."""
    ui = make_ui(as_json, quiet)
    asked = Asked(file=file, env=env, server=server)
    run(ui, lambda: verbs_secret.list_(ui, asked, patterns or []))


@app.command("get")
def get(
    name: Name,
    file: File = DEFAULT_FILE,
    env: OneEnv = None,
    server: OneServer = None,
    pipe: Annotated[
        bool, typer.Option("--pipe", help="Print it also where the output is no terminal.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print one secret."""
    ui = make_ui(as_json, quiet)
    asked = Asked(file=file, env=env, server=server)
    run(ui, lambda: verbs_secret.get(ui, asked, name, pipe=pipe))


# What else stands on the line may be the secret itself: no parser is to repeat it.
@app.command("set", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def set_(
    context: typer.Context,
    name: Name,
    file: File = DEFAULT_FILE,
    env: OneEnv = None,
    server: OneServer = None,
    write_vault: WriteVault = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Keep a secret: asked for, or from stdin. For every environment unless one is named."""
    ui = make_ui(as_json, quiet)
    asked = Asked(file=file, env=env, server=server, write_vault=write_vault)
    run(ui, lambda: verbs_secret.set_(ui, asked, name, context.args))


@app.command("invent")
def invent(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="What to make up.")],
    file: File = DEFAULT_FILE,
    env: OneEnv = None,
    server: OneServer = None,
    shape: Annotated[
        Shape | None,
        typer.Option(
            "--shape", metavar="SHAPE", help="password (any sign), token (letters, digits)."
        ),
    ] = None,
    length: Annotated[
        int | None, typer.Option("--length", min=12, max=1000, metavar="N", help="How long.")
    ] = None,
    write_vault: WriteVault = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make secrets up that a later run, as in a pipeline, will need; what is there stays."""
    ui = make_ui(as_json, quiet)
    asked = Asked(file=file, env=env, server=server, write_vault=write_vault)
    run(ui, lambda: verbs_secret.invent(ui, asked, names, shape, length))


@app.command("rotate")
def rotate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]", help="What to make up anew.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that chatops made up for the environment.")
    ] = False,
    file: File = DEFAULT_FILE,
    env: OneEnv = None,
    server: OneServer = None,
    write_vault: WriteVault = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make up anew what chatops made up; the next deploy brings it into force."""
    ui = make_ui(as_json, quiet)
    asked = Asked(file=file, env=env, server=server, write_vault=write_vault)
    run(ui, lambda: verbs_secret.rotate(ui, asked, names or [], everything=everything))


@app.command("forget")
def forget(
    patterns: Annotated[list[str], typer.Argument(metavar="PATTERN…", help="Names, with * and ?.")],
    file: File = DEFAULT_FILE,
    env: OneEnv = None,
    server: OneServer = None,
    yes: Yes = False,
    write_vault: WriteVault = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take secrets out of the vault, such as first passwords that were handed over."""
    ui = make_ui(as_json, quiet)
    asked = Asked(file=file, env=env, server=server, write_vault=write_vault)
    run(ui, lambda: verbs_secret.forget(ui, asked, patterns, yes=yes))


@app.command("merge")
def merge(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]", help="As a merge driver of git: %O %A %B %P. Else none of them."
        ),
    ] = None,
    file: File = DEFAULT_FILE,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put both sides of a vault together after a merge that git could not do."""
    ui = make_ui(as_json, quiet)
    if not paths:
        run(ui, lambda: verbs_secret.merge(ui, Asked(file=file)))
        return
    run(ui, lambda: _driver(ui, paths))


def _driver(ui: Ui, paths: list[Path]) -> None:
    if len(paths) != 4:
        raise UsageError("a merge driver names four files: %O %A %B %P")
    verbs_secret.merge_files(ui, *paths)
