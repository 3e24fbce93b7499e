"""The verbs about the company file itself."""

from typing import Annotated

import typer

from chatops import verbs_file
from chatops.cli_options import DEFAULT_FILE, Debug, File, Json, Quiet, make_ui, run
from chatops.verbs_file import Form

__all__ = ["app"]

app = typer.Typer()


@app.command()
def validate(
    file: File = DEFAULT_FILE,
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="NAME",
            help="As this environment has it, with inventories/NAME/override.yaml laid over it.",
        ),
    ] = None,
    resolved: Annotated[
        bool,
        typer.Option(
            "--resolved", help="Print the whole company, each value with where it comes from."
        ),
    ] = False,
    form: Annotated[
        Form,
        typer.Option(
            "--format",
            metavar="FORM",
            help="How findings are written: text, json, sarif (for code scanning), or github "
            "(annotations of a workflow).",
        ),
    ] = Form.TEXT,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check the company file, without any server."""
    ui = make_ui(as_json or form is Form.JSON, quiet, debug=debug)
    run(ui, lambda: verbs_file.validate(ui, file, env, resolved=resolved, form=form))
