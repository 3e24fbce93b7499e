"""The verb `platforms`: what each of them holds."""

from typing import Annotated

import typer

from chatops import support
from chatops.cli_options import Json, make_ui, run
from chatops.errors import UsageError
from chatops.platforms.registry import platforms as known_platforms
from chatops.ui import Ui

app = typer.Typer(rich_markup_mode=None)


@app.command("platforms")
def platforms(
    feature: Annotated[
        str | None,
        typer.Argument(
            metavar="[FEATURE]",
            help="One feature (channel.posting), kind (channel), or key of the file "
            "(teams.channels.posting): with what happens where it is not held, and the source.",
            show_default=False,
        ),
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", metavar="NAME", help="This platform alone.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option("--edition", metavar="NAME", help="This edition alone.")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="N.N", help="Another version than the usual one."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what all of them hold alike.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What each platform and edition can hold, and what happens where one cannot."""
    ui = make_ui(as_json)
    run(ui, lambda: _platforms(ui, feature, platform, edition, version, everything))


def _platforms(
    ui: Ui,
    feature: str | None,
    platform: str | None,
    edition: str | None,
    version: str | None,
    everything: bool,
) -> None:
    known = known_platforms()
    if platform is not None and platform not in known:
        raise UsageError(f"no platform is named {platform}", hint=f"there are: {', '.join(known)}")
    if version is not None and platform is None:
        raise UsageError("--version is the version of one platform", hint="say --platform as well")
    if version is not None and not all(part.isdigit() for part in version.split(".")):
        raise UsageError(f"{version} is no version", hint="write it as 11.7")
    chosen = [p for n, p in known.items() if platform in (None, n)]
    shown = support.columns(chosen, version=version, edition=edition)
    if not shown:
        names = ", ".join(dict.fromkeys(c.edition for c in support.columns(chosen)))
        raise UsageError(f"no edition is named {edition}", hint=f"there are: {names}")
    if feature is not None:
        found = support.find(feature, shown)
        text = support.told(shown, found) or f"{feature}\n  {support.HEEDED_BY_US}"
        ui.data(support.table_json(shown, found), text)
        return
    table = support.rows(shown)
    listed = table
    if not everything and not ui.as_json:
        listed = support.together(r for r in table if not (r.plain or r.detail))
    ui.data(support.table_json(shown, listed), support.table_text(shown, listed))
    more = sum(r.plain or r.detail for r in table)
    if more and not everything and not ui.as_json:
        ui.say(f"and {more} more, held by all or told for single roles (--all)")
