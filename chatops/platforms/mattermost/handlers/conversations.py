"""Conversations between two people.

One has the name of both identifiers, sorted (public/model/channel.go, GetDMNameFromIds), and is
found by it below any team. A conversation of more has everybody in it who opens it
(channels/api4/channel.go, createGroupChannel), so an administrator cannot open it for others.
"""

from collections.abc import Callable, Iterable

from chatops.errors import ApiError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.resources import DirectMessage, Ids, Key, Kind, Live

__all__ = ["ConversationsHandler"]


class ConversationsHandler:
    """There, or not: nothing can be changed of one, and none is ever taken away."""

    removal = Removal.NONE

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[DirectMessage]]:
        """Those of the keys asked for that are there: one call each, side by side."""
        asked = [(key, pair) for key in scope or () if (pair := _pair(key, ids)) is not None]
        if not asked:
            return
        teams = self._client.get("/teams", {"page": 0, "per_page": 1})
        find = self._below(teams[0]["id"]) if teams else self._among_all
        idents = self._client.each(find, [pair for _, pair in asked])
        for (key, _), ident in zip(asked, idents, strict=True):
            if ident:
                yield Live(resource=DirectMessage(members=frozenset(key.name.split("+"))), id=ident)

    def create(self, want: DirectMessage, run: Run) -> Result:
        """Open it for the two; one that is there is given back."""
        pair = _pair(want.key, run.ids)
        if pair is None:
            raise ApiError(
                "one of the two has no account",
                status=404,
                code="",
                call="POST /channels/direct",
            )
        row = self._client.post("/channels/direct", list(pair), repeatable=True)
        return Result(id=str(row["id"]))

    def update(self, change: Change[DirectMessage], run: Run) -> Result:
        """It has no fields."""
        return Result(id=change.have.id if change.have else "")

    def remove(self, have: Live[DirectMessage], run: Run) -> Result:
        """A conversation stays."""
        return Result(id=have.id)

    def _below(self, team: str) -> Callable[[tuple[str, str]], str]:
        """Looks for one by its name; any team will do."""

        def find(pair: tuple[str, str]) -> str:
            try:
                row = self._client.get(f"/teams/{team}/channels/name/{_name(pair)}")
            except ApiError as error:
                if error.status == 404:
                    return ""
                raise
            return str(row["id"])

        return find

    def _among_all(self, pair: tuple[str, str]) -> str:
        """Looks for one among all that one of the two has: where there is no team yet."""
        try:
            rows = self._client.get(f"/users/{pair[0]}/channels")
        except ApiError as error:
            if error.status == 404:
                return ""  # Who is in nothing.
            raise
        return next((str(row["id"]) for row in rows if row["name"] == _name(pair)), "")


def _name(pair: tuple[str, str]) -> str:
    return "__".join(sorted(pair))


def _pair(key: Key, ids: Ids) -> tuple[str, str] | None:
    """The identifiers of the two; None where they are not two, or not both known."""
    found = [ids.find(Kind.USER, name) for name in key.name.split("+")]
    if len(found) != 2 or found[0] is None or found[1] is None:
        return None
    return found[0], found[1]
