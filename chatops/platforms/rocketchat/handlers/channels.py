"""Channels: the rooms of a team."""

from collections.abc import Iterable

from chatops.errors import ServerError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.places import PRIVATE, PUBLIC, Places
from chatops.platforms.rocketchat.refusals import code_of_error
from chatops.resources import Channel, Ids, Kind, Live

__all__ = ["Channels"]

WIRE = {"name": "roomName", "topic": "roomTopic", "purpose": "roomDescription"}


class Channels:
    """One call reads all rooms; one writes all fields of a room, a member of it or not."""

    removal = Removal.ARCHIVE

    def __init__(self, client: Client, places: Places) -> None:
        self._client = client
        self._places = places

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Channel]]:
        """The rooms of teams. Rooms of no team are nobody's business here."""
        wanted = None if scope is None else {key.folded for key in scope}
        if wanted is not None and not wanted:
            return
        only = next(iter(scope)).name.partition("/")[2] if scope and len(scope) == 1 else ""
        for row in self._places.rooms(PUBLIC, PRIVATE, name=only):
            team = ids.name(Kind.TEAM, str(row.get("teamId") or ""))
            if team is None or row.get("teamMain") or not isinstance(row.get("name"), str):
                continue
            private = row.get("t") == PRIVATE
            self._places.put(row["_id"], private=private, team=row["teamId"], name=row["name"])
            live = Live(
                resource=_channel(team, row), id=row["_id"], archived=row.get("archived") is True
            )
            if wanted is None or live.key.folded in wanted:
                yield live

    def create(self, want: Channel, run: Run) -> Result:
        """Make it inside its team, which asks for no ownership, with this account in it."""
        team = run.ids.get(Kind.TEAM, want.team)
        private = want.private is True
        family, key = ("groups", "group") if private else ("channels", "channel")
        extra = {"teamId": team}
        if isinstance(want.topic, str) and want.topic:
            extra["topic"] = want.topic
        made = self._client.post(f"{family}.create", {"name": want.name, "extraData": extra})
        room = str((made.get(key) or {}).get("_id", ""))
        self._places.put(room, private=private, team=team, name=want.name)
        failed: dict[str, Problem] = {}
        try:
            if isinstance(want.purpose, str) and want.purpose:
                # The schema of 8.8 takes a topic at birth, and no description.
                self._save(room, {"roomDescription": want.purpose})
            if want.archived is True:
                self._places.archive(room, True)
        except ServerError as error:
            # The channel stands all the same; the next plan shows what is missing.
            failed["purpose"] = Problem(error.message, code_of_error(error), error.hint)
        return Result(id=room, failed=failed)

    def update(self, change: Change[Channel], run: Run) -> Result:
        """Bring back first, put away last, all other fields in one write between."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        if "archived" in change.changed and want.archived is False:
            self._places.archive(have.id, False)
        body = {
            key: getattr(want, field)
            for field, key in WIRE.items()
            if field in change.changed and isinstance(getattr(want, field), str)
        }
        if "private" in change.changed and isinstance(want.private, bool):
            body["roomType"] = PRIVATE if want.private else PUBLIC
        if body:
            self._save(have.id, body)
            private, name = have.resource.private is True, body.get("roomName", "")
            if "roomType" in body:
                private = want.private is True
            team = run.ids.find(Kind.TEAM, want.team) or ""
            self._places.put(have.id, private=private, team=team, name=name)
        if "archived" in change.changed and want.archived is True:
            self._places.archive(have.id, True)
        return Result(id=have.id)

    def remove(self, have: Live[Channel], run: Run) -> Result:
        """Archive."""
        self._places.archive(have.id, True)
        return Result(id=have.id)

    def _save(self, room: str, body: dict[str, str]) -> None:
        self._client.post("rooms.saveRoomSettings", {"rid": room, **body}, repeatable=True)


def _channel(team: str, row: Row) -> Channel:
    return Channel(
        team=team,
        name=row["name"],
        display_name="",
        topic=str(row.get("topic") or ""),
        purpose=str(row.get("description") or ""),
        private=row.get("t") == PRIVATE,
        archived=row.get("archived") is True,
    )
