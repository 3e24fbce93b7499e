"""Who may write in a channel: a matter of licensed editions.

A channel that differs from its team has a scheme of its own; the server makes it with the first
difference and drops it with the last (channels/app/channel.go, PatchChannelModerationsForChannel).
No server with a licence was at hand: this is written from its source.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Release
from chatops.platforms.mattermost.client import Client
from chatops.resources import UNKNOWN, Maybe

__all__ = ["Moderation"]

EVERYONE, LEADS = "everyone", "leads"
WRITE = "create_post"


class Moderation:
    """What members may do in one channel and may in others."""

    def __init__(self, client: Client, release: Release) -> None:
        self._client = client
        self._licensed = release.edition != "team"

    def read(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Maybe[str]]:
        """Who may write, by the channel's identifier. Only channels with a scheme are asked of."""
        found: dict[str, Maybe[str]] = {row["id"]: EVERYONE for row in rows}
        own = [row["id"] for row in rows if row.get("scheme_id")] if self._licensed else []
        return found | dict(zip(own, self._client.each(self._one, own), strict=True))

    def _one(self, ident: str) -> Maybe[str]:
        try:
            told = self._client.get(f"/channels/{ident}/moderations")
        except ApiError as error:
            if error.status == 403:
                return UNKNOWN  # the licence has run out, or the account may not see it
            raise
        for row in told:
            if row["name"] == WRITE:
                return EVERYONE if row["roles"]["members"]["value"] else LEADS
        return UNKNOWN

    def write(self, ident: str, posting: str) -> None:
        """Let everyone write, or the leads alone: these keep what their own role allows."""
        may = posting == EVERYONE
        self._client.put(
            f"/channels/{ident}/moderations/patch",
            [{"name": WRITE, "roles": {"members": may, "guests": may}}],
        )
