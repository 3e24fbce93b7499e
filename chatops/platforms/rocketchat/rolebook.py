"""The roles of a server: which are the company's own, and what they are called.

Roles that the product is born with are called what they are identified by; others have an
identifier of letters and digits, and people hold the identifier.
"""

import threading
from collections.abc import Iterable, Mapping

from chatops.platforms.rocketchat.client import Client, Row

__all__ = ["BORN_WITH", "RoleBook"]

BORN_WITH = frozenset(
    {
        "admin",
        "anonymous",
        "app",
        "auditor",
        "auditor-log",
        "bot",
        "federated-external",
        "guest",
        "leader",
        "livechat-agent",
        "livechat-manager",
        "livechat-monitor",
        "moderator",
        "owner",
        "user",
    }
)
"""Roles that need no look-up."""

EVERYWHERE = "Users"


class RoleBook:
    """One call tells all; it is made when it is needed, and once. Safe to share."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._rows: list[Row] | None = None

    def rows(self) -> list[Row]:
        """Every role of the server."""
        with self._lock:
            if self._rows is None:
                rows = self._client.get("roles.list").get("roles")
                found = rows if isinstance(rows, list) else []
                self._rows = [
                    row
                    for row in found
                    if isinstance(row, dict) and isinstance(row.get("_id"), str)
                ]
            return self._rows

    def own(self) -> Mapping[str, str]:
        """The names of the company's own roles, by identifier."""
        return {
            row["_id"]: str(row.get("name") or row["_id"])
            for row in self.rows()
            if row.get("protected") is not True and row.get("scope", EVERYWHERE) == EVERYWHERE
        }

    def names(self, idents: Iterable[object]) -> frozenset[str]:
        """Which of the company's own roles are among these."""
        strange = {ident for ident in idents if ident not in BORN_WITH}
        if not strange:
            return frozenset()
        return frozenset(name for ident, name in self.own().items() if ident in strange)

    def forget(self) -> None:
        """Look again next time: a role was made or changed."""
        with self._lock:
            self._rows = None
