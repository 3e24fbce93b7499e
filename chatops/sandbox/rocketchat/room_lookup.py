"""Finding the room that a request names, as each family of endpoints does it."""

from dataclasses import dataclass
from typing import Any

from chatops.sandbox.rocketchat import rooms
from chatops.sandbox.rocketchat.refusals import Refused, coded
from chatops.sandbox.rocketchat.web import Call
from chatops.sandbox.store import Doc


@dataclass(frozen=True)
class Family:
    """Channels, or groups: the same calls with other words and other manners."""

    name: str
    kind: str
    key: str
    words: str
    wanted: str

    def missing(self) -> Refused:
        """The room is not there, or not of this kind, or not to be seen."""
        return coded(
            "error-room-not-found",
            f'The required "roomId" or "roomName" param provided does not match any {self.wanted}',
        )

    def find(self, call: Call, params: dict[str, Any], archived: bool = False) -> Doc:
        """The room. An archived one is refused unless `archived` allows it."""
        room = self._named(call, params)
        if self.kind == "p" and not rooms.can_access(call.state, call.rights, room, call.me):
            raise self.missing()
        if room.get("archived") and not archived:
            name = room.get("fname") if room.get("prid") else room["name"]
            raise coded("error-room-archived", f"The {self.words}, {name}, is archived")
        return room

    def _named(self, call: Call, params: dict[str, Any]) -> Doc:
        if self.kind == "p":
            ident, name = params.get("roomId"), params.get("roomName")
            if ("roomId" not in params and "roomName" not in params) or (
                "roomId" in params and not ident and "roomName" in params and not name
            ):
                raise coded(
                    "error-room-param-not-provided",
                    'The parameter "roomId" or "roomName" is required',
                )
        room = None
        if "roomId" in params:
            room = call.state.room(params["roomId"])
        elif "roomName" in params:
            room = call.state.room_named(params["roomName"])
        if room is None or room["t"] != self.kind:
            raise self.missing()
        return room

    def any_group(self, call: Call, params: dict[str, Any]) -> Doc:
        """The room, whether or not the caller may see it."""
        return self._named(call, params)

    def answer(self, room: Doc) -> Doc:
        """The room as the answer of a change."""
        return {self.key: rooms.shown(room)}


CHANNELS = Family("channels", "c", "channel", "channel", "channel")
GROUPS = Family("groups", "p", "group", "private group", "group")


def any_room(call: Call, params: dict[str, Any]) -> Doc:
    """A room of any kind, as `rooms.*` finds it; an archived one is refused."""
    ident, name = params.get("roomId"), params.get("roomName")
    if not ident and not name:
        raise coded(
            "error-roomid-param-not-provided", 'The parameter "roomId" or "roomName" is required'
        )
    room = call.state.room(ident) if ident else call.state.room_named(name)
    if room is None:
        raise coded(
            "error-room-not-found",
            'The required "roomId" or "roomName" param provided does not match any channel',
        )
    if room.get("archived"):
        raise coded("error-room-archived", f"The channel, {room['name']}, is archived")
    return room
