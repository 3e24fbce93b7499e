"""Slash commands: a trigger is taken once in a team, so it is its name."""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Change, Output, Removal, Result, Run, Scope
from chatops.platforms.mattermost.answers import switched_off
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers.teams import team_id
from chatops.resources import Ids, Kind, Live, SlashCommand
from chatops.secrets import Secret

__all__ = ["SlashCommandsHandler"]

FIELDS = {
    "url": "url",
    "display_name": "display_name",
    "description": "auto_complete_desc",
    "hint": "auto_complete_hint",
    "autocomplete": "auto_complete",
    "username": "username",
}
"""Our fields and the server's; `method` is a letter there."""
LETTERS = {"post": "P", "get": "G"}
Row = Mapping[str, Any]


class SlashCommandsHandler:
    """Commands of the teams; built-in ones and those of plugins are nobody's here."""

    removal = Removal.DELETE
    shows_again = True

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[SlashCommand]]:
        """What is there: one call a team, for the list wants one."""
        if scope is None:
            teams = {r["id"]: r["name"] for r in self._client.pages("/teams")}
        else:
            names = {key.name.partition("/")[0] for key in scope}
            found = ((team_id(self._client, ids, name), name) for name in sorted(names))
            teams = {ident: name for ident, name in found if ident is not None}
        wanted = None if scope is None else {key.folded for key in scope}
        for rows in self._client.each(self._of, list(teams)):
            for row in rows:
                team = ids.name(Kind.TEAM, row["team_id"]) or teams[row["team_id"]]
                live = Live(resource=_command(team, row), id=str(row["id"]))
                if wanted is None or live.key.folded in wanted:
                    yield live

    def create(self, want: SlashCommand, run: Run) -> Result:
        """Make it; its token comes out."""
        team = team_id(self._client, run.ids, want.team)
        if team is None:
            raise ApiError(
                f"there is no team {want.team} on the server",
                status=404,
                code="",
                call="POST /commands",
            )
        body = {"team_id": team, "trigger": want.trigger, "method": "P", **_fields(want)}
        row = self._client.post("/commands", body)
        return Result(id=str(row["id"]), outputs=_token(row))

    def update(self, change: Change[SlashCommand], run: Run) -> Result:
        """Send it whole, the changed fields as wanted, the others as they are."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        path = f"/commands/{have.id}"
        self._client.put(path, {**self._client.get(path), **_fields(want, change.changed)})
        return Result(id=have.id)

    def remove(self, have: Live[SlashCommand], run: Run) -> Result:
        """Delete it: no message goes with it."""
        self._client.discard(f"/commands/{have.id}")
        return Result(id=have.id)

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """The token by which the program knows that it is us."""
        return _token(self._client.get(f"/commands/{have.id}"))

    def _of(self, team: str) -> list[Row]:
        try:
            rows = self._client.get("/commands", {"team_id": team, "custom_only": "true"})
        except ApiError as error:
            if switched_off(error):
                return []
            raise
        ours = (r for r in rows if r.get("team_id") == team and not r.get("plugin_id"))
        return [r for r in ours if not r.get("delete_at")]


def _token(row: Row) -> Mapping[str, Output]:
    return {"token": Output(Secret(str(row["token"])))}


def _fields(want: SlashCommand, names: Iterable[str] | None = None) -> dict[str, Any]:
    asked = (*FIELDS, "method") if names is None else tuple(names)
    values = {FIELDS[n]: getattr(want, n) for n in asked if n in FIELDS}
    found = {key: value for key, value in values.items() if isinstance(value, str | bool)}
    if "method" in asked and isinstance(want.method, str):
        found["method"] = LETTERS[want.method]
    return found


def _command(team: str, row: Row) -> SlashCommand:
    return SlashCommand(
        team=team,
        trigger=row["trigger"],
        method="get" if row["method"] == "G" else "post",
        **{ours: row[theirs] for ours, theirs in FIELDS.items()},
    )
