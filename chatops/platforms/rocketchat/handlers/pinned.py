"""Messages that are pinned in a channel.

A text is posted once as the account that runs, under an identifier made of the room and the text
(the server lets a client choose it): whether an answer is lost or a text is taken out and comes
back, the message that is there is pinned again, and nothing is said twice. Unpinning leaves the
message where it is; nothing is ever deleted.
"""

import hashlib
from collections.abc import Iterable, Iterator

from chatops.errors import AmbiguousError, ApiError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.refusals import FORBIDDEN, GONE, NO_REASON
from chatops.resources import UNKNOWN, Ids, Key, Kind, Live, PinnedMessages

__all__ = ["Pinned"]

CLOSED = (
    "this account cannot look into the channel; invite the account that runs chatops, or bring "
    "the channel back if it is archived"
)
MOST = 10
"""So often a message of the same text may have been edited by somebody before we give up."""


class Pinned:
    """Reads a channel in one call; one call posts a text, one pins or unpins it."""

    removal = Removal.NONE

    def __init__(self, client: Client, me: str) -> None:
        self._client = client
        self._me = me

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[PinnedMessages]]:
        """What is pinned in the channels asked for."""
        found = [(key, ids.find(Kind.CHANNEL, key.name)) for key in scope or ()]
        known = [(key, ident) for key, ident in found if ident is not None]
        yield from self._client.side(lambda item: self._read_one(item[0], item[1]), known)

    def create(self, want: PinnedMessages, run: Run) -> Result:
        """Pin texts in a channel in which nothing is pinned."""
        room = run.ids.get(Kind.CHANNEL, f"{want.team}/{want.channel}")
        self._pin(room, _texts(want))
        return Result(id=room)

    def update(self, change: Change[PinnedMessages], run: Run) -> Result:
        """Pin what is new, then unpin what of ours is no longer wanted."""
        want, have = change.want, change.have
        if want is None or have is None or "texts" not in change.changed:
            return Result()
        wanted, there = _texts(want), _texts(have.resource)
        self._pin(have.id, wanted - there)
        gone = there - wanted
        if gone:
            for row in self._rows(have.id):
                if row.get("msg") in gone and self._ours(row):
                    self._client.post(
                        "chat.unPinMessage", {"messageId": row["_id"]}, repeatable=True
                    )
        return Result(id=have.id)

    def remove(self, have: Live[PinnedMessages], run: Run) -> Result:
        """What the file does not speak of stays pinned."""
        return Result()

    def _read_one(self, key: Key, room: str) -> Live[PinnedMessages]:
        team, _, channel = key.name.partition("/")
        try:
            rows = self._rows(room)
        except ApiError as error:
            if error.code not in FORBIDDEN | GONE | {"error-room-archived"}:
                raise
            closed = PinnedMessages(team=team, channel=channel, texts=UNKNOWN)
            return Live(resource=closed, id=room, locked={"texts": CLOSED})
        pinned = PinnedMessages(
            team=team,
            channel=channel,
            texts=frozenset(str(row.get("msg") or "") for row in rows),
            ours=frozenset(str(row.get("msg") or "") for row in rows if self._ours(row)),
        )
        return Live(resource=pinned, id=room)

    def _rows(self, room: str) -> list[Row]:
        return self._client.every("chat.getPinnedMessages", "messages", roomId=room)

    def _ours(self, row: Row) -> bool:
        author = (row.get("u") or {}).get("username")
        return isinstance(author, str) and author.casefold() == self._me.casefold()

    def _pin(self, room: str, texts: frozenset[str]) -> None:
        """Pin each; what does not work does not keep the others from it."""
        first: ApiError | None = None
        for text in sorted(texts):
            try:
                ident = self._posted(room, text)
                self._client.post("chat.pinMessage", {"messageId": ident}, repeatable=True)
            except ApiError as error:
                first = first or error
        if first is not None:
            raise first

    def _posted(self, room: str, text: str) -> str:
        """The identifier of our message with this text, which is posted unless it is there."""
        for ident in _idents(room, text):
            said = self._said(ident)
            if said is None:
                self._post(room, text, ident)
                return ident
            if said == text:
                return ident
        raise ApiError(
            "somebody has edited every message of this text",
            status=0,
            code="edited",
            hint="pin one by hand, or word it a little differently",
        )

    def _said(self, ident: str) -> str | None:
        """What a message says; None where there is none."""
        try:
            message = self._client.get("chat.getMessage", msgId=ident).get("message")
        except ApiError as error:
            if error.code in FORBIDDEN | GONE | {NO_REASON}:
                return None
            raise
        return str(message.get("msg") or "") if isinstance(message, dict) else None

    def _post(self, room: str, text: str, ident: str) -> None:
        message = {"_id": ident, "rid": room, "msg": text}
        try:
            self._client.post("chat.sendMessage", {"message": message})
        except (AmbiguousError, ApiError):
            # The answer may be lost, or tell of an identifier that is taken by now.
            if self._said(ident) != text:
                raise


def _texts(pinned: PinnedMessages) -> frozenset[str]:
    return pinned.texts if isinstance(pinned.texts, frozenset) else frozenset()


def _idents(room: str, text: str) -> Iterator[str]:
    for number in range(MOST):
        yield hashlib.sha256(f"{room}\n{number}\n{text}".encode()).hexdigest()[:24]
