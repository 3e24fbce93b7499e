"""The verbs `doctor` and `status`: whether a company's chat is well, and what runs of it."""

from pathlib import Path

import typer

from chatops import environments, verbs_doctor
from chatops.cli_options import (
    DEFAULT_FILE,
    CaFile,
    Debug,
    Env,
    File,
    Json,
    Quiet,
    ServerUrl,
    Timeout,
    make_ui,
    run,
)
from chatops.opening import Options

app = typer.Typer(rich_markup_mode=None)


@app.command("doctor")
def doctor(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    server: ServerUrl = None,
    ca_file: CaFile = None,
    timeout: Timeout = None,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Look whether everything is well, and say what to do where it is not. Changes nothing.

    Names, certificates, pages and live connections as people have them; the sign-in of chatops,
    the version, and limits of the edition that are near. Exit 1 when something is not well.
    """
    ui = make_ui(as_json, quiet, False, debug)
    options = Options(file=Path(file), env=env, server=server, ca_file=ca_file, timeout=timeout)
    run(ui, lambda: verbs_doctor.doctor(ui, options))


@app.command("status")
def status(
    file: File = DEFAULT_FILE,
    env: Env = environments.DEFAULT,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """What runs: a line for each part of an installation. Exit 1 when one does not."""
    ui = make_ui(as_json, quiet, False, debug)
    run(ui, lambda: verbs_doctor.status(ui, Options(file=Path(file), env=env)))
