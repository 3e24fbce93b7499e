"""The verbs about the company file itself."""

from pathlib import Path
from typing import Annotated

import typer

from chatops import verbs_file
from chatops.cli_options import DEFAULT_FILE, Debug, File, Json, Quiet, make_ui, run
from chatops.spec.schema import Part
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


@app.command()
def explain(
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]",
            help="A key of the file, as teams.channels.posting; without one the top of the file.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a key is: its type, an example, and which platforms hold it."""
    ui = make_ui(as_json)
    run(ui, lambda: verbs_file.explain(ui, key))


@app.command()
def schema(
    part: Annotated[
        Part,
        typer.Argument(
            metavar="[WHAT]",
            help="Of which file: company, included (a file that it includes), or override.",
        ),
    ] = Part.COMPANY,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write it into a file.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Print the language as JSON Schema, for editors that complete and check with it."""
    ui = make_ui(False, quiet)
    run(ui, lambda: verbs_file.schema(ui, part, out))


@app.command()
def init(
    file: File = DEFAULT_FILE,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What the company is called.")
    ] = None,
    domain: Annotated[
        str | None, typer.Option("--domain", metavar="DOMAIN", help="Its internet domain.")
    ] = None,
    platform: Annotated[
        str | None,
        typer.Option("--platform", metavar="PLATFORM", help="mattermost or rocketchat."),
    ] = None,
    admin: Annotated[
        str | None, typer.Option("--admin", metavar="USER", help="User name of the first admin.")
    ] = None,
    admin_name: Annotated[
        str | None, typer.Option("--admin-name", metavar="NAME", help="Full name of the admin.")
    ] = None,
    admin_email: Annotated[
        str | None,
        typer.Option("--admin-email", metavar="ADDRESS", help="USER@DOMAIN unless said."),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            "--server",
            metavar="URL",
            help="A chat that runs already: it becomes the environment `production`.",
        ),
    ] = None,
    people: Annotated[
        bool, typer.Option("--people", help="Write a people.csv to list people in, too.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Ask nothing; what is not said is made up.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the first files of a company: a few questions, or flags. Writes over nothing."""
    ui = make_ui(as_json, quiet)
    said = {
        "name": name,
        "domain": domain,
        "platform": platform,
        "admin": admin,
        "admin_name": admin_name,
        "admin_email": admin_email,
        "server": server,
    }
    given = {field: text for field, text in said.items() if text}
    run(ui, lambda: verbs_file.init(ui, file, given, people=people, yes=yes))
