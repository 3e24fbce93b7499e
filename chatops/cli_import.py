"""The verbs `import …`: a company file from what is there already."""

from pathlib import Path
from typing import Annotated

import typer

from chatops import environments, verbs_import
from chatops.cli_options import (
    CaFile,
    Debug,
    Json,
    Proxy,
    Quiet,
    ServerUrl,
    Timeout,
    make_ui,
    run,
)
from chatops.opening import Options

app = typer.Typer(
    help="Make a company file from what is there already.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Make a company file from what is there already."""


@app.command("live")
def live(
    file: Annotated[
        Path,
        typer.Option(
            "-f",
            "--file",
            metavar="FILE",
            help="The company file to write; people.csv comes beside it. Nothing is written over.",
        ),
    ] = Path("company.yaml"),
    env: Annotated[
        str | None,
        typer.Option("--env", metavar="NAME", help="The environment of a server, beside FILE."),
    ] = None,
    server: ServerUrl = None,
    platform: Annotated[
        str | None,
        typer.Option(
            "--platform", metavar="NAME", help="The product; the server is asked unless said."
        ),
    ] = None,
    ca_file: CaFile = None,
    proxy: Proxy = None,
    timeout: Timeout = None,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a running server down as a company file whose next plan is empty.

    Reads settings, roles, people, teams, channels and integrations; conversations between people
    are not read. Nothing is changed on the server.
    """
    ui = make_ui(as_json, quiet, False, debug)
    options = Options(
        file=file,
        env=env or environments.DEFAULT,
        server=server,
        ca_file=ca_file,
        proxy=proxy,
        timeout=timeout,
    )
    run(ui, lambda: verbs_import.live(ui, options, platform))
