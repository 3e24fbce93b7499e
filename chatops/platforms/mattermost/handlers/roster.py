"""Who is behind an identifier: every account seen, so that members need no look-up each."""

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chatops.platforms.mattermost.client import Client
from chatops.resources import Ids, Key, Kind

__all__ = ["Roster", "is_person"]

BATCH = 1_000
"""Names or identifiers a look-up. Only the body's size bounds it: 300 kB."""


def is_person(row: Mapping[str, Any]) -> bool:
    """Whether an account is a person's of this server: no bot, and none of a linked server."""
    return not row.get("is_bot") and not row.get("remote_id")


class Roster:
    """Accounts by identifier. Bots are remembered too, as nobody, lest they be asked for again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: dict[str, str | None] = {}
        self._lock = threading.Lock()
        self.complete = False
        """Whether every account of the server was read."""

    def note(self, row: Mapping[str, Any]) -> None:
        """Remember an account as the server showed it."""
        with self._lock:
            self._names[row["id"]] = str(row["username"]) if is_person(row) else None

    def people(self) -> list[str]:
        """The identifiers of all people seen."""
        with self._lock:
            return [ident for ident, name in self._names.items() if name is not None]

    def names(self, idents: Iterable[str]) -> dict[str, str]:
        """User names by identifier, bots left out; the server is asked for those never seen."""
        wanted = list(idents)
        unknown = [ident for ident in wanted if ident not in self._names]
        for start in range(0, len(unknown), BATCH):
            batch = unknown[start : start + BATCH]
            rows = {r["id"]: r for r in self._client.post("/users/ids", batch, repeatable=True)}
            for ident in batch:
                # Who was deleted for good can still be listed as a member.
                self.note(rows.get(ident, {"id": ident, "username": "", "is_bot": True}))
        found = {}
        for ident in wanted:
            name = self._names.get(ident)
            if name is not None:
                found[ident] = name
        return found

    def find(self, names: Collection[str]) -> list[Mapping[str, Any]]:
        """The accounts of these names, deactivated ones too. The server compares in lower case."""
        rows: list[Mapping[str, Any]] = []
        asked = sorted({name.lower() for name in names})
        for start in range(0, len(asked), BATCH):
            rows += self._client.post(
                "/users/usernames", asked[start : start + BATCH], repeatable=True
            )
        for row in rows:
            self.note(row)
        return rows

    def idents(self, names: Collection[str], ids: Ids) -> dict[str, str]:
        """Identifiers by user name; those that nobody has are missing."""
        found: dict[str, str] = {}
        unknown = []
        for name in names:
            ident = ids.find(Kind.USER, name)
            if ident is None:
                unknown.append(name)
            else:
                found[name] = ident
        if unknown:
            rows = {row["username"]: row["id"] for row in self.find(unknown) if is_person(row)}
            for name in unknown:
                ident = rows.get(name.lower())
                if ident is not None:
                    found[name] = ident
                    ids.put(Key(Kind.USER, name), ident)
        return found
