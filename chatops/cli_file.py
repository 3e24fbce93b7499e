"""The verbs about the company file itself."""

from pathlib import Path
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


@app.command()
def fmt(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILES]",
            help="YAML files; without any the company file, what it includes, its overrides.",
        ),
    ] = None,
    file: File = DEFAULT_FILE,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 4 when a file is not tidy.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would be changed.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring the company file into its tidy form; comments and order stay."""
    ui = make_ui(as_json, quiet)
    run(ui, lambda: verbs_file.fmt(ui, files or [], file, check=check, diff=diff))
