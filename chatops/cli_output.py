"""The verb `output`: what things give to the outside."""

from typing import Annotated

import typer

from chatops import environments, verbs_output
from chatops.cli_options import (
    DEFAULT_FILE,
    CaFile,
    Debug,
    Env,
    File,
    Json,
    Proxy,
    Quiet,
    ServerUrl,
    Timeout,
    make_ui,
    run,
)
from chatops.opening import Options

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None)


@app.command("output")
def output(
    wanted: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]",
            help="One thing (bot:robo, incoming-webhook:*), or one value of it (bot:robo.token, "
            "live-chat.snippet), which is printed as it is.",
            show_default=False,
        ),
    ] = None,
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show the secrets of the list, too.")
    ] = False,
    server: ServerUrl = None,
    ca_file: CaFile = None,
    proxy: Proxy = None,
    timeout: Timeout = None,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Addresses of webhooks, tokens of bots, the snippet for the website: read again."""
    ui = make_ui(as_json, quiet, debug=debug)
    options = Options(
        file=file, env=env, server=server, ca_file=ca_file, proxy=proxy, timeout=timeout
    )
    run(ui, lambda: verbs_output.output(ui, options, wanted, reveal=reveal))
