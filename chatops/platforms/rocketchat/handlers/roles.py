"""What roles may do, and the company's own roles.

A permission lists its roles, and writing it replaces the list: each write reads first, one after
the other, and puts in or takes out ours alone.
"""

import threading
from collections.abc import Iterable, Mapping

from chatops.errors import ServerError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.permissions import (
    BUILT_IN,
    WORDS,
    permissions_of,
    words_held,
)
from chatops.platforms.rocketchat.refusals import code_of_error
from chatops.platforms.rocketchat.rolebook import RoleBook
from chatops.resources import Ids, Live, Role, in_part

__all__ = ["Roles"]

Grants = Mapping[str, frozenset[str]]


class Roles:
    """Two calls read all; a change reads once more and writes once."""

    removal = Removal.NONE

    def __init__(self, client: Client, book: RoleBook) -> None:
        self._client = client
        self._book = book
        self._writing = threading.Lock()

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Role]]:
        """The built-in roles of ours, and those that the company has made."""
        self._book.forget()
        rows = self._book.rows()
        grants = self._grants()
        ours = {ident: (name, False) for name, ident in BUILT_IN.items()}
        ours |= {ident: (name, True) for ident, name in self._book.own().items()}
        for row in rows:
            name, own = ours.get(row["_id"], ("", False))
            if name and (scope is None or any(key.name == name for key in scope)):
                yield Live(
                    resource=Role(
                        name=name,
                        own=own,
                        description=str(row.get("description") or ""),
                        may=words_held(name, row["_id"], grants),
                    ),
                    id=row["_id"],
                    protected=not own,
                )

    def create(self, want: Role, run: Run) -> Result:
        """Make one of the company's own."""
        description = want.description if isinstance(want.description, str) else ""
        body = {"name": want.name, "description": description, "scope": "Users"}
        made = self._client.post("roles.create", body).get("role") or {}
        ident = str(made.get("_id", ""))
        self._book.forget()
        failed: dict[str, Problem] = {}
        try:
            self._grant(want.name, ident, _words(want), frozenset())
        except ServerError as error:
            # The role stands all the same; the next plan shows what is missing.
            failed["may"] = Problem(error.message, code_of_error(error), error.hint)
        return Result(id=ident, failed=failed)

    def update(self, change: Change[Role], run: Run) -> Result:
        """Give and take what differs; whatever else the role may do stays."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        if "description" in change.changed and isinstance(want.description, str):
            row = next(r for r in self._book.rows() if r["_id"] == have.id)
            # What is left out is emptied, and who must use a second factor need no longer.
            body = {"roleId": have.id, "name": row["name"], "description": want.description}
            body |= {"scope": row["scope"], "mandatory2fa": row.get("mandatory2fa") is True}
            self._client.post("roles.update", body, repeatable=True)
            self._book.forget()
        if "may" in change.changed:
            may, had = _words(want), _words(have.resource)
            kept = may | {word for word in WORDS if in_part(word) in may}
            before = had | {word for word in WORDS if in_part(word) in had}
            self._grant(want.name, have.id, may - had, before - kept)
        return Result(id=have.id)

    def remove(self, have: Live[Role], run: Run) -> Result:
        """No role is ever deleted: people may have it."""
        return Result()

    def _grants(self) -> Grants:
        rows = self._client.get("permissions.listAll").get("update")
        return {
            row["_id"]: frozenset(row.get("roles") or ())
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, dict) and isinstance(row.get("_id"), str)
        }

    def _grant(self, role: str, ident: str, given: frozenset[str], taken: frozenset[str]) -> None:
        give = {p for word in given for p in permissions_of(word, role)}
        take = {p for word in taken for p in permissions_of(word, role)} - give
        if not give and not take:
            return
        with self._writing:
            grants, known = self._grants(), {row["_id"] for row in self._book.rows()}
            rows: list[Row] = []
            for permission in sorted(give | take):
                if permission not in grants:
                    # A release that does not know it: the others of the word still count.
                    continue
                roles = grants[permission]
                target = roles | {ident} if permission in give else roles - {ident}
                if target != roles:
                    # Lists name roles that come with a licence alone, and the server takes no
                    # list with a role that it does not have.
                    rows.append({"_id": permission, "roles": sorted(target & known)})
            if rows:
                self._client.post("permissions.update", {"permissions": rows}, repeatable=True)


def _words(role: Role) -> frozenset[str]:
    return role.may if isinstance(role.may, frozenset) else frozenset()
