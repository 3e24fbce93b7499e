"""Conversations between a few people, opened without the account that runs in them.

The server takes names that nobody bears without a word, and opens a room with those who are
left, or with oneself alone: everybody is looked up first, and the answer is read.
"""

from collections.abc import Iterable, Sequence

from chatops.errors import ApiError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.places import Places
from chatops.platforms.rocketchat.refusals import FORBIDDEN, GONE
from chatops.resources import DirectMessage, Ids, Key, Kind, Live

__all__ = ["Conversations"]

DIRECT = "d"
NO_ROOM = GONE | FORBIDDEN | {"not-allowed"}
"""What a look at a room answers that is not there; 9.0 says of everything that it is forbidden."""


class Conversations:
    """Reads and opens those asked for, one call each."""

    removal = Removal.NONE

    def __init__(self, client: Client, places: Places, me: str) -> None:
        self._client = client
        self._places = places
        self._me = me

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[DirectMessage]]:
        """Which of the conversations asked for there are."""
        found = self._client.side(lambda key: self._read_one(key, ids), scope or ())
        yield from (live for live in found if live is not None)

    def create(self, want: DirectMessage, run: Run) -> Result:
        """Open it; where it is there already, that is fine with the server and with us."""
        names = sorted(want.members)
        for name in names:
            if run.ids.find(Kind.USER, name) is None:
                raise ApiError(
                    f"there is no {name} on the server", status=0, code="error-user-not-found"
                )
        others = [name for name in names if name.casefold() != self._me.casefold()]
        body: dict[str, object] = {"usernames": ",".join(others)}
        if len(others) == len(names):
            body["excludeSelf"] = True
        room = self._client.post("im.create", body, repeatable=True).get("room") or {}
        inside = room.get("usernames")
        if isinstance(inside, list) and {str(n).casefold() for n in inside} != {
            name.casefold() for name in names
        }:
            raise ApiError(
                f"the server opened a conversation between {', '.join(map(str, inside))} instead",
                status=0,
                code="other-people",
                hint="one of them was renamed or deleted meanwhile: plan again",
            )
        return Result(id=str(room.get("rid") or room.get("_id") or ""))

    def update(self, change: Change[DirectMessage], run: Run) -> Result:
        """There is nothing to change."""
        return Result()

    def remove(self, have: Live[DirectMessage], run: Run) -> Result:
        """What people said to each other stays."""
        return Result()

    def _read_one(self, key: Key, ids: Ids) -> Live[DirectMessage] | None:
        names = key.name.split("+")
        people = [ids.find(Kind.USER, name) for name in names]
        if None in people:
            return None
        idents = sorted(str(ident) for ident in people)
        room = self._between_two(idents) if len(idents) == 2 else None
        if room is None:
            # The one whose name is longest is part of the fewest other names.
            room = self._among(idents, max(names, key=len))
        if room is None:
            return None
        return Live(resource=DirectMessage(members=frozenset(names)), id=str(room["_id"]))

    def _between_two(self, idents: Sequence[str]) -> Row | None:
        """The room of two has their identifiers for a name, so far."""
        try:
            row = self._client.get("rooms.adminRooms.getRoom", rid="".join(idents))
        except ApiError as error:
            if error.code in NO_ROOM:
                return None
            raise
        return row if row.get("t") == DIRECT else None

    def _among(self, idents: Sequence[str], name: str) -> Row | None:
        rows = self._places.rooms(DIRECT, name=name)
        return next((row for row in rows if sorted(row.get("uids") or ()) == list(idents)), None)
