"""Teams: a name, members, and a main room that holds the rest."""

from collections.abc import Iterable

from chatops.errors import ServerError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.places import Places
from chatops.platforms.rocketchat.refusals import code_of_error
from chatops.resources import UNKNOWN, Ids, Live, Team

__all__ = ["Teams"]

OPEN, INVITE = 0, 1
"""The product's types of a team: public, private."""


class Teams:
    """Two calls read them all: the teams, and their main rooms."""

    removal = Removal.ARCHIVE

    def __init__(self, client: Client, places: Places) -> None:
        self._client = client
        self._places = places

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Team]]:
        """What is there."""
        wanted = None if scope is None else {key.folded for key in scope}
        teams = self._client.every("teams.listAll", "teams")
        rooms = {row["_id"]: row for row in self._places.rooms("teams")} if teams else {}
        for row in teams:
            room = rooms.get(row.get("roomId"))
            self._places.put_main(row["_id"], str(row.get("roomId") or ""))
            archived = bool(room and room.get("archived") is True)
            live = Live(
                resource=Team(
                    name=str(row.get("name") or ""),
                    display_name="",
                    description=UNKNOWN if room is None else str(room.get("description") or ""),
                    open=row.get("type") == OPEN,
                    archived=UNKNOWN if room is None else archived,
                ),
                id=row["_id"],
                archived=archived,
            )
            if wanted is None or live.key.folded in wanted:
                yield live

    def create(self, want: Team, run: Run) -> Result:
        """Make it; this account becomes its first owner, so that it can go on."""
        body = {"name": want.name, "type": OPEN if want.open is True else INVITE}
        made = self._client.post("teams.create", body).get("team") or {}
        team, room = str(made.get("_id", "")), str(made.get("roomId", ""))
        self._places.put_main(team, room)
        failed: dict[str, Problem] = {}
        try:
            if isinstance(want.description, str) and want.description:
                self._describe(room, want.description)
            if want.archived is True:
                self._places.archive(room, True)
        except ServerError as error:
            # The team stands all the same; the next plan shows what is missing.
            failed["description"] = Problem(error.message, code_of_error(error), error.hint)
        return Result(id=team, failed=failed)

    def update(self, change: Change[Team], run: Run) -> Result:
        """Bring back first, put away last."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        room = self._places.main(have.id)
        if "archived" in change.changed and want.archived is False:
            self._places.archive(room, False)
        data: dict[str, object] = {}
        if "name" in change.changed:
            data["name"] = want.name
        if "open" in change.changed and isinstance(want.open, bool):
            data["type"] = OPEN if want.open else INVITE
        if data:
            self._client.post("teams.update", {"teamId": have.id, "data": data}, repeatable=True)
        if "description" in change.changed and isinstance(want.description, str):
            self._describe(room, want.description)
        if "archived" in change.changed and want.archived is True:
            self._places.archive(room, True)
        return Result(id=have.id)

    def remove(self, have: Live[Team], run: Run) -> Result:
        """Archive its main room."""
        self._places.archive(self._places.main(have.id), True)
        return Result(id=have.id)

    def _describe(self, room: str, text: str) -> None:
        self._client.post(
            "rooms.saveRoomSettings", {"rid": room, "roomDescription": text}, repeatable=True
        )
