"""Channels: the rooms of a team."""

from collections.abc import Callable, Collection, Iterable

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.places import PRIVATE, PUBLIC, Places
from chatops.platforms.rocketchat.refusals import code_of_error
from chatops.resources import UNKNOWN, Channel, Ids, Kind, Live, Maybe

__all__ = ["Channels"]

EVERYONE, LEADS = "everyone", "leads"
WIRE = {"name": "roomName", "topic": "roomTopic", "purpose": "roomDescription"}


class Channels:
    """One call reads all rooms, and one a team which of them its members come into by themselves;
    one writes all fields of a room, whether this account is a member of it or not.
    """

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
        found: list[tuple[Row, Channel]] = []
        for row in self._places.rooms(PUBLIC, PRIVATE, name=only):
            team = ids.name(Kind.TEAM, str(row.get("teamId") or ""))
            if team is None or row.get("teamMain") or not isinstance(row.get("name"), str):
                continue
            private = row.get("t") == PRIVATE
            self._places.put(row["_id"], private=private, team=row["teamId"], name=row["name"])
            if wanted is None or Channel(team=team, name=row["name"]).key.folded in wanted:
                found.append((row, _channel(team, row)))
        joined = self._joined({row["teamId"] for row, _ in found})
        for row, channel in found:
            rooms = joined[row["teamId"]]
            default = row["_id"] in rooms if rooms is not None else UNKNOWN
            archived = row.get("archived") is True
            yield Live(resource=channel, id=row["_id"], archived=archived).with_(default=default)

    def create(self, want: Channel, run: Run) -> Result:
        """Make it inside its team, which asks for no ownership, with this account in it."""
        team = run.ids.get(Kind.TEAM, want.team)
        private = want.private is True
        family, key = ("groups", "group") if private else ("channels", "channel")
        extra = {"teamId": team}
        if isinstance(want.topic, str) and want.topic:
            extra["topic"] = want.topic
        body: dict[str, object] = {"name": want.name, "extraData": extra}
        if want.posting == LEADS:
            body["readOnly"] = True
        made = self._client.post(f"{family}.create", body)
        room = str((made.get(key) or {}).get("_id", ""))
        self._places.put(room, private=private, team=team, name=want.name)
        left: list[tuple[str, Callable[[], None]]] = []
        if isinstance(want.purpose, str) and want.purpose:
            # The schema of 8.8 takes a topic at birth, and no description.
            told = {"roomDescription": want.purpose}
            left.append(("purpose", lambda: self._save(room, told)))
        if want.default is True:
            left.append(("default", lambda: self._join(room, True)))
        if want.archived is True:
            left.append(("archived", lambda: self._places.archive(room, True)))
        failed: dict[str, Problem] = {}
        for field, write in left:
            try:
                write()
            except ServerError as error:
                # The channel stands all the same; the next plan shows what is missing.
                failed[field] = Problem(error.message, code_of_error(error), error.hint)
        return Result(id=room, failed=failed)

    def update(self, change: Change[Channel], run: Run) -> Result:
        """Bring back first, put away last, all other fields in one write between."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        if "archived" in change.changed and want.archived is False:
            self._places.archive(have.id, False)
        body: dict[str, object] = {
            key: getattr(want, field)
            for field, key in WIRE.items()
            if field in change.changed and isinstance(getattr(want, field), str)
        }
        if "private" in change.changed and isinstance(want.private, bool):
            body["roomType"] = PRIVATE if want.private else PUBLIC
        if "posting" in change.changed and isinstance(want.posting, str):
            body["readOnly"] = want.posting == LEADS
        if body:
            self._save(have.id, body)
            private, name = have.resource.private is True, str(body.get("roomName", ""))
            if "roomType" in body:
                private = want.private is True
            team = run.ids.find(Kind.TEAM, want.team) or ""
            self._places.put(have.id, private=private, team=team, name=name)
        if "default" in change.changed and isinstance(want.default, bool):
            self._join(have.id, want.default)
        if "archived" in change.changed and want.archived is True:
            self._places.archive(have.id, True)
        return Result(id=have.id)

    def remove(self, have: Live[Channel], run: Run) -> Result:
        """Archive."""
        self._places.archive(have.id, True)
        return Result(id=have.id)

    def _save(self, room: str, body: dict[str, object] | dict[str, str]) -> None:
        self._client.post("rooms.saveRoomSettings", {"rid": room, **body}, repeatable=True)

    def _join(self, room: str, default: bool) -> None:
        """Whether the team's members come into a room; those who are in the team do at once."""
        self._client.post(
            "teams.updateRoom", {"roomId": room, "isDefault": default}, repeatable=True
        )

    def _joined(self, teams: Collection[str]) -> dict[str, frozenset[str] | None]:
        """For each team the rooms that its members come into; None where it is not told."""
        return dict(self._client.side(self._joined_of, sorted(teams)))

    def _joined_of(self, team: str) -> tuple[str, frozenset[str] | None]:
        try:
            rows = self._client.every("teams.listRooms", "rooms", teamId=team, type="autoJoin")
        except ApiError as error:
            if error.status >= 500:
                raise
            return team, None
        return team, frozenset(row["_id"] for row in rows if row.get("teamDefault") is True)


def _channel(team: str, row: Row) -> Channel:
    posting: Maybe[str] = LEADS if row.get("ro") is True else EVERYONE
    return Channel(
        team=team,
        name=row["name"],
        display_name="",
        topic=str(row.get("topic") or ""),
        purpose=str(row.get("description") or ""),
        private=row.get("t") == PRIVATE,
        posting=posting,
        archived=row.get("archived") is True,
    )
