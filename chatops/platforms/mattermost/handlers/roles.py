"""What the server's built-in roles may do."""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Change, Release, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.permissions import (
    ROLES,
    WORDS,
    permissions_of,
    roles_of,
    seat,
    words_held,
)
from chatops.resources import Ids, Live, Role, in_part

__all__ = ["RolesHandler"]


class RolesHandler:
    """The roles of the whole server; a team with a scheme of its own has other ones."""

    removal = Removal.NONE

    def __init__(self, client: Client, release: Release) -> None:
        self._client = client
        self._release = release

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Role]]:
        """What each of our built-in roles may do: one call."""
        wanted = [name for name in ROLES if scope is None or any(k.name == name for k in scope)]
        rows = self._rows([role for name in wanted for role in roles_of(name)])
        return [_live(name, rows, self._release) for name in wanted]

    def create(self, want: Role, run: Run) -> Result:
        """Every built-in role exists; to make one is to write what it may do."""
        have = _live(want.name, self._rows(list(roles_of(want.name))), self._release)
        return self._write(want, have.resource)

    def update(self, change: Change[Role], run: Run) -> Result:
        """Give and take what differs; whatever else the role may do stays."""
        assert change.want is not None and change.have is not None
        return self._write(change.want, change.have.resource)

    def remove(self, have: Live[Role], run: Run) -> Result:
        """A built-in role stays."""
        return Result(id=have.id)

    def _rows(self, names: list[str]) -> Mapping[str, Mapping[str, Any]]:
        if not names:
            return {}
        rows = self._client.post("/roles/names", names, repeatable=True)
        return {row["name"]: row for row in rows}

    def _write(self, want: Role, have: Role) -> Result:
        may, had = _words(want), _words(have)
        kept = may | {word for word in WORDS if in_part(word) in may}
        before = had | {word for word in WORDS if in_part(word) in had}
        rows = self._rows(list(roles_of(want.name)))
        held = {name: frozenset(row["permissions"]) for name, row in rows.items()}
        target = _target(want.name, held, may - had, before - kept, self._release)
        for name, permissions in target.items():
            if permissions != held[name]:
                self._patch(rows[name], permissions)
        return Result(id=_ident(want.name, rows))

    def _patch(self, row: Mapping[str, Any], permissions: frozenset[str]) -> None:
        """The list is replaced as a whole: what this release knows and we do not goes along."""
        call = f"/roles/{row['id']}/patch"
        told = self._client.put(call, {"permissions": sorted(permissions)})
        kept = permissions ^ frozenset(told["permissions"])
        if kept:
            raise ApiError(
                f"the server answered yes and kept its own {', '.join(sorted(kept))} "
                f"in the role {row['name']}",
                status=200,
                code="",
                call="PUT /roles/{id}/patch",
            )


def _words(role: Role) -> frozenset[str]:
    return role.may if isinstance(role.may, frozenset) else frozenset()


def _target(
    role: str,
    held: Mapping[str, frozenset[str]],
    given: frozenset[str],
    taken: frozenset[str],
    release: Release,
) -> dict[str, frozenset[str]]:
    """What each of the server's roles shall hold."""
    target = dict(held)
    everything = frozenset().union(*held.values())
    for word in given & WORDS.keys():
        place = seat(word, role)
        if place in target:
            target[place] |= permissions_of(word, release) - everything
    for word in taken & WORDS.keys():
        permissions = permissions_of(word, release)
        target = {name: found - permissions for name, found in target.items()}
    return target


def _live(name: str, rows: Mapping[str, Mapping[str, Any]], release: Release) -> Live[Role]:
    held = frozenset(
        permission
        for role in roles_of(name)
        for permission in rows.get(role, {}).get("permissions", ())
    )
    may = frozenset(w if whole else in_part(w) for w, whole in words_held(held, release))
    return Live(resource=Role(name=name, may=may), id=_ident(name, rows), protected=True)


def _ident(name: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The identifier of the first of the server's roles behind ours."""
    return str(rows.get(roles_of(name)[0], {}).get("id", ""))
