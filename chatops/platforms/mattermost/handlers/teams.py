"""Teams."""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.resources import Ids, Key, Kind, Live, Team

__all__ = ["TeamsHandler", "team_id"]

FEW = 3
"""So many teams are asked for by name; for more the whole list is shorter."""


class TeamsHandler:
    """Teams, archived ones too: the server lists both."""

    removal = Removal.ARCHIVE

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Team]]:
        """What is there."""
        names = None if scope is None else {key.name.lower() for key in scope}
        rows: list[Mapping[str, Any]]
        if names is not None and len(names) <= FEW:
            rows = [row for name in sorted(names) if (row := _by_name(self._client, name))]
        else:
            rows = [
                row for row in self._client.pages("/teams") if names is None or row["name"] in names
            ]
        found = [_live(row) for row in rows]
        for live in found:
            ids.put(live.key, live.id)
        return found

    def create(self, want: Team, run: Run) -> Result:
        """Make it; the account that runs becomes its first member and lead."""
        row = self._client.post(
            "/teams",
            {
                "name": want.name,
                "display_name": want.display_name
                if isinstance(want.display_name, str)
                else want.name,
                "description": want.description if isinstance(want.description, str) else "",
                # The type alone does not let anybody in.
                "type": "O" if want.open is True else "I",
                "allow_open_invite": want.open is True,
            },
        )
        ident = str(row["id"])
        run.ids.put(Key(Kind.TEAM, want.name), ident)
        if want.archived is True:
            self._client.delete(f"/teams/{ident}")
        return Result(id=ident)

    def update(self, change: Change[Team], run: Run) -> Result:
        """Bring back first, archive last."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        ident, changed = have.id, set(change.changed)
        archive = want.archived is True if "archived" in changed else have.archived
        restored = have.archived and (not archive or changed != {"archived"})
        if restored:
            self._client.post(f"/teams/{ident}/restore", repeatable=True)
        fields = {
            name: getattr(want, name)
            for name in ("display_name", "description")
            if name in changed and isinstance(getattr(want, name), str)
        }
        if fields:
            self._client.put(f"/teams/{ident}/patch", fields)
        if "open" in changed and isinstance(want.open, bool):
            # This sets the type and who may join together. A patch with `allow_open_invite`
            # false would make a new invitation link each time.
            self._client.put(f"/teams/{ident}/privacy", {"privacy": "O" if want.open else "I"})
        if archive and (restored or not have.archived):
            self._client.delete(f"/teams/{ident}")
        return Result(id=ident)

    def remove(self, have: Live[Team], run: Run) -> Result:
        """Archive it: channels and messages stay, and it can be brought back."""
        if not have.archived:
            self._client.delete(f"/teams/{have.id}")
        return Result(id=have.id)


def team_id(client: Client, ids: Ids, name: str) -> str | None:
    """The identifier of a team; the server is asked where nobody has read it."""
    ident = ids.find(Kind.TEAM, name)
    if ident is None:
        row = _by_name(client, name)
        if row is None:
            return None
        ident = str(row["id"])
        ids.put(Key(Kind.TEAM, row["name"]), ident)
    return ident


def _by_name(client: Client, name: str) -> Mapping[str, Any] | None:
    try:
        row: Mapping[str, Any] = client.get(f"/teams/name/{name.lower()}")
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return row


def _live(row: Mapping[str, Any]) -> Live[Team]:
    archived = bool(row["delete_at"])
    return Live(
        resource=Team(
            name=row["name"],
            display_name=row["display_name"],
            description=row["description"],
            open=bool(row["allow_open_invite"]),
            archived=archived,
        ),
        id=row["id"],
        archived=archived,
    )
