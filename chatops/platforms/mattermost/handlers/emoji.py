"""Pictures of one's own to put into messages."""

import json
from collections.abc import Iterable
from typing import Any

from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.resources import UNKNOWN, Emoji, Ids, Live, Picture

__all__ = ["EmojiHandler"]


class EmojiHandler:
    """The server keeps a picture scaled to 128 points and shows that; it changes none."""

    removal = Removal.DELETE

    def __init__(self, client: Client, me: str) -> None:
        self._client = client
        self._me = me

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Emoji]]:
        """What is there; nothing can be used while it is switched off."""
        wanted = None if scope is None else {key.folded.name for key in scope}
        for row in self._client.listed("/emoji"):
            if wanted is None or row["name"].casefold() in wanted:
                yield Live(resource=Emoji(name=row["name"], picture=UNKNOWN), id=str(row["id"]))

    def create(self, want: Emoji, run: Run) -> Result:
        """Make it."""
        return Result(id=self._make(want))

    def update(self, change: Change[Emoji], run: Run) -> Result:
        """Another picture: the old one goes, the new one comes under the same name."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        if not isinstance(want.picture, Picture):
            return Result(id=have.id)
        self._client.discard(f"/emoji/{have.id}")
        return Result(id=self._make(want))

    def remove(self, have: Live[Emoji], run: Run) -> Result:
        """Delete it: messages keep its name between colons."""
        self._client.discard(f"/emoji/{have.id}")
        return Result(id=have.id)

    def picture(self, have: Live[Any]) -> bytes:
        """The picture as the server keeps it."""
        return bytes(self._client.call("GET", f"/emoji/{have.id}/image").content)

    def _make(self, want: Emoji) -> str:
        if not isinstance(want.picture, Picture):
            raise ValueError(f"an emoji has a picture: {want.name}")
        about = json.dumps({"name": want.name, "creator_id": self._me})
        data = want.picture.data
        # One that moves is known by the name of its file, and would stand still without it.
        image = ("emoji.gif" if data.startswith(b"GIF8") else "emoji", data)
        row = self._client.form("/emoji", {"emoji": about}, {"image": image})
        return str(row["id"])
