"""Messages that stay on top of a channel.

The server keeps a message to the letter (channels/api4/post.go), so texts are compared as they
are. What is no longer wanted is unpinned; no message is ever deleted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from chatops.errors import AmbiguousError, ApiError, ServerError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.mattermost.answers import problem_of
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers.channels import channel_id
from chatops.resources import UNKNOWN, Ids, Live, PinnedMessages

__all__ = ["PinnedHandler", "unproxied"]

SHOWN = 40
"""So much of a text names it where it failed."""


@dataclass(frozen=True)
class _Post:
    id: str
    text: str
    ours: bool


class PinnedHandler:
    """Pinned messages, written by the account that runs: it need not be in the channel."""

    removal = Removal.NONE

    def __init__(self, client: Client, me: str) -> None:
        self._client = client
        self._me = me

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[PinnedMessages]]:
        """What is pinned in the channels asked for: one call each, side by side."""
        wanted = [key.name.partition("/")[::2] for key in scope or ()]
        found = [
            (team, channel, ident)
            for team, channel in wanted
            if (ident := channel_id(self._client, ids, team, channel)) is not None
        ]
        pinned = self._client.each(self._readable, [ident for *_, ident in found])
        for (team, channel, ident), posts in zip(found, pinned, strict=True):
            yield Live(
                resource=PinnedMessages(
                    team=team,
                    channel=channel,
                    texts=UNKNOWN if posts is None else frozenset(p.text for p in posts),
                    ours=frozenset(p.text for p in posts or () if p.ours),
                ),
                id=ident,
            )

    def create(self, want: PinnedMessages, run: Run) -> Result:
        """Write and pin in a channel that is new."""
        return self._write(want, run)

    def update(self, change: Change[PinnedMessages], run: Run) -> Result:
        """Write and pin what is missing, then unpin those of ours that are too many."""
        assert change.want is not None
        return self._write(change.want, run)

    def remove(self, have: Live[PinnedMessages], run: Run) -> Result:
        """Messages stay in their channel."""
        return Result(id=have.id)

    def _write(self, want: PinnedMessages, run: Run) -> Result:
        channel = channel_id(self._client, run.ids, want.team, want.channel)
        if channel is None:
            raise ApiError(
                f"there is no channel {want.team}/{want.channel} on the server",
                status=404,
                code="",
                call="POST /posts",
            )
        texts = want.texts if isinstance(want.texts, frozenset) else frozenset()
        # Read again: what was pinned meanwhile is not written a second time.
        posts = self._posts(channel)
        failed: dict[str, Problem] = {}
        for text in sorted(texts - {post.text for post in posts}):
            post = {"channel_id": channel, "message": text, "is_pinned": True}
            try:
                self._client.post("/posts", post, params={"set_online": "false"})
            except AmbiguousError:
                raise  # The engine looks which of them are there.
            except ServerError as error:
                failed[_named(text)] = problem_of(error)
        for old in posts:
            if old.ours and old.text not in texts:
                self._client.post(f"/posts/{old.id}/unpin", repeatable=True)
        return Result(id=channel, failed=failed)

    def _readable(self, channel: str) -> list[_Post] | None:
        try:
            return self._posts(channel)
        except ApiError as error:
            if error.status == 403:
                return None
            raise

    def _posts(self, channel: str) -> list[_Post]:
        told = self._client.get(f"/channels/{channel}/pinned")
        rows: Iterable[Mapping[str, Any]] = (told.get("posts") or {}).values()
        return [
            _Post(row["id"], unproxied(row["message"]), row["user_id"] == self._me)
            for row in rows
            if not row["delete_at"]
        ]


_PROXIED = re.compile(r"https?://[^\s()<>\"]+/api/v4/image\?url=([^\s()<>\"]+)")


def unproxied(text: str) -> str:
    """A message as it was written: with an image proxy the server shows other links to pictures
    (channels/app/post_metadata.go, PostWithProxyAddedToImageURLs; 11.2 was seen to do it).
    """
    return _PROXIED.sub(lambda found: unquote(found[1]), text)


def _named(text: str) -> str:
    """A message by its beginning."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
