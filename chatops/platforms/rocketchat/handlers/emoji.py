"""Emoji of one's own. The server scales their pictures, so none can be compared."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from chatops.errors import ApiError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.refusals import NO_REASON
from chatops.resources import UNKNOWN, Emoji, Ids, Live, Picture

__all__ = ["CustomEmoji"]

GONE = frozenset({"Custom_Emoji_Error_Invalid_Emoji"})


class CustomEmoji:
    """One call reads them all."""

    removal = Removal.DELETE

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Emoji]]:
        """What is there."""
        wanted = None if scope is None else {key.folded for key in scope}
        rows = self._rows()
        # A release that marks pictures has none for an emoji whose picture never arrived.
        marked = any("etag" in row for row in rows)
        for row in rows:
            picture: Any = "" if marked and not row.get("etag") else UNKNOWN
            live = Live(resource=Emoji(name=row["name"], picture=picture), id=str(row["_id"]))
            if wanted is None or live.key.folded in wanted:
                yield live

    def create(self, want: Emoji, run: Run) -> Result:
        """Make it."""
        if not isinstance(want.picture, Picture):
            raise ApiError(f"{want.name} has no picture", status=0, code="no-picture")
        fields = {"name": want.name, "aliases": ""}
        try:
            self._client.upload(
                "emoji-custom.create", fields, "emoji", want.picture, repeatable=False
            )
        except ApiError as error:
            if error.code != NO_REASON:
                raise
            raise ApiError(
                "the server refuses it without a word, as it does when another emoji has this "
                "name, or has it as an alias",
                status=error.status,
                code="taken",
                call=error.call,
                hint="see Administration → Emoji on the server",
            ) from error
        return Result()

    def update(self, change: Change[Emoji], run: Run) -> Result:
        """Give it another picture; its aliases stay."""
        want, have = change.want, change.have
        if want is None or have is None or not isinstance(want.picture, Picture):
            return Result()
        row = next((row for row in self._rows() if row["_id"] == have.id), {})
        aliases = ",".join(str(alias) for alias in row.get("aliases") or ())
        fields = {"_id": have.id, "name": row.get("name") or want.name, "aliases": aliases}
        self._client.upload("emoji-custom.update", fields, "emoji", want.picture, repeatable=True)
        return Result(id=have.id)

    def remove(self, have: Live[Emoji], run: Run) -> Result:
        """Delete it: messages show its name instead."""
        body = {"emojiId": have.id}
        self._client.post("emoji-custom.delete", body, repeatable=True, done=GONE)
        return Result(id=have.id)

    def picture(self, have: Live[Any]) -> bytes:
        """The picture as the server keeps it: beside its pages, for everybody."""
        row = next((row for row in self._rows() if row["_id"] == have.id), {})
        name = quote(f"{row.get('name')}.{row.get('extension') or 'png'}")
        return bytes(self._client.http.call("GET", f"/emoji-custom/{name}").content)

    def _rows(self) -> list[Row]:
        found = (self._client.get("emoji-custom.list").get("emojis") or {}).get("update") or []
        return [row for row in found if isinstance(row, dict) and isinstance(row.get("name"), str)]
