"""The verbs around an installation's files."""

from pathlib import Path
from typing import Annotated

import typer

from chatops import environments, installation
from chatops.cli_options import (
    DEFAULT_FILE,
    CaFile,
    Env,
    File,
    Json,
    Proxy,
    Quiet,
    Timeout,
    make_ui,
    run,
)
from chatops.opening import Options

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


@app.command()
def lock(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit 4 if a tag stands for something else."),
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Take the newest release of each image's series.")
    ] = False,
    ca_file: CaFile = None,
    proxy: Proxy = None,
    timeout: Timeout = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask the registries for the digest of each image, and write chatops.lock."""
    ui = make_ui(as_json, quiet)
    options = Options(file=file, env=env, ca_file=ca_file, proxy=proxy, timeout=timeout)
    run(ui, lambda: installation.lock(ui, options, check=check, update=update))
