"""The rooms of the server: which belong to which team, and which are main rooms of one.

A team is a name, members and a main room; description, topic and whether it is archived are the
room's. Channels of a team are rooms with its `teamId`. Private rooms answer to other calls than
public ones.
"""

import threading
from dataclasses import dataclass
from typing import Any

from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.refusals import GONE

__all__ = ["PRIVATE", "PUBLIC", "Place", "Places"]

PUBLIC, PRIVATE = "c", "p"


@dataclass(frozen=True)
class Place:
    """A room."""

    id: str
    private: bool
    team: str = ""
    """The id of its team."""
    name: str = ""
    """As the server spells it; empty where it was not heard."""

    @property
    def family(self) -> str:
        """The calls that know it: a room is not found by those of the other family."""
        return "groups" if self.private else "channels"


class Places:
    """What is known of rooms, filled while reading and creating. Safe to share."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._main: dict[str, str] = {}
        self._places: dict[str, Place] = {}
        self.robots: set[str] = set()
        """Ids of accounts that are no people; membership never counts them."""

    def rooms(self, *types: str, name: str = "") -> list[Row]:
        """Rooms as an admin sees them, whether this account is inside or not.

        `teams` means the main rooms of teams, which are left out otherwise. Discussions are.
        """
        params: dict[str, Any] = {"types[]": list(types), "sort": '{"_id":1}'}
        if name:
            params["filter"] = name
        rows = self._client.every("rooms.adminRooms", "rooms", **params)
        return [row for row in rows if isinstance(row.get("_id"), str) and not row.get("prid")]

    def put(self, room: str, *, private: bool, team: str, name: str = "") -> None:
        """Remember a channel of a team. Without a name it keeps the one it had."""
        with self._lock:
            known = self._places.get(room)
            name = name or (known.name if known else "")
            self._places[room] = Place(room, private, team, name)

    def put_main(self, team: str, room: str) -> None:
        """Remember a team's main room."""
        with self._lock:
            self._main[team] = room

    def main(self, team: str) -> str:
        """The main room of a team."""
        room = self._main.get(team)
        if room is None:
            info = self._client.get("teams.info", teamId=team).get("teamInfo") or {}
            room = str(info.get("roomId", ""))
            self.put_main(team, room)
        return room

    def place(self, room: str) -> Place:
        """A channel by its id."""
        place = self._places.get(room)
        if place is None:
            row = self._client.get("rooms.adminRooms.getRoom", rid=room)
            team, name = str(row.get("teamId") or ""), str(row.get("name") or "")
            place = Place(room, row.get("t") == PRIVATE, team, name)
            with self._lock:
                self._places[room] = place
        return place

    def named(self, name: str) -> Place | None:
        """A channel by its name, as far as known: rooms share one space of names."""
        with self._lock:
            return next((p for p in self._places.values() if p.name and p.name == name), None)

    def of_team(self, team: str) -> list[str]:
        """The channels of a team, as far as known."""
        with self._lock:
            return sorted(place.id for place in self._places.values() if place.team == team)

    def archive(self, room: str, archived: bool) -> None:
        """Put a room away or bring it back; a room that is gone is as good as put away."""
        self._client.post(
            "rooms.changeArchivationState",
            {"rid": room, "action": "archive" if archived else "unarchive"},
            repeatable=True,
            done=GONE | {"error-room-archived"} if archived else {"error-room-not-archived"},
        )
