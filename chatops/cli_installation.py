"""The verbs around an installation's files."""

from pathlib import Path
from typing import Annotated

import typer

from chatops import environments, installation
from chatops.cli_options import DEFAULT_FILE, Env, File, Json, Quiet, make_ui, run

__all__ = ["app"]

app = typer.Typer()


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
    ui = make_ui(as_json, quiet)
    run(ui, lambda: installation.render(ui, file, env, out))
