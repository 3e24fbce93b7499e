"""Roles and permissions: who may do what, everywhere or in one room."""

from collections.abc import Iterator
from importlib.resources import files

from chatops.sandbox.rocketchat.licences import GUESTS_MAY
from chatops.sandbox.rocketchat.settings_table import TABLE
from chatops.sandbox.rocketchat.state import State
from chatops.sandbox.store import Doc

# name, scope, description: the roles that a server is born with.
BUILT_IN = (
    ("admin", "Users", "Admin"),
    ("moderator", "Subscriptions", "Moderator"),
    ("leader", "Subscriptions", "Leader"),
    ("owner", "Subscriptions", "Owner"),
    ("user", "Users", ""),
    ("federated-external", "Users", ""),
    ("bot", "Users", ""),
    ("app", "Users", ""),
    ("guest", "Users", ""),
    ("anonymous", "Users", ""),
    ("livechat-agent", "Users", "Livechat Agent"),
    ("livechat-manager", "Users", "Livechat Manager"),
)


def _read_grants() -> dict[str, list[str]]:
    text = files("chatops.sandbox.rocketchat").joinpath("permissions.txt").read_text("utf-8")
    grants: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            roles, _, rights = line.partition(":")
            grants.update({right: roles.split() for right in rights.split()})
    return grants


GRANTS = _read_grants()
PER_SETTING = {f"change-setting-{s.ident}": s.ident for s in TABLE.values() if not s.hidden}


class Rights:
    """Asks and changes what roles may do."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._since = state.now()
        if not len(state.roles):
            for name, scope, description in BUILT_IN:
                role = {
                    "_id": name,
                    "scope": scope,
                    "description": description,
                    "mandatory2fa": False,
                    "name": name,
                    "protected": True,
                    "_updatedAt": self._since,
                }
                state.roles.put(name, role)

    def roles_with(self, permission: str) -> list[str]:
        """The roles that hold a permission."""
        change = self._state.grants.get(permission)
        return list(change["roles"]) if change else GRANTS.get(permission, [])

    def can(self, user: Doc | None, permission: str, rid: str | None = None) -> bool:
        """Whether somebody holds a permission, by their roles here or in that room."""
        if user is None:
            return False
        holders = self.roles_with(permission)
        if self._state.licence and permission not in GUESTS_MAY:
            holders = [role for role in holders if role != "guest"]
        if any(role in holders for role in user["roles"]):
            return True
        sub = self._state.sub(rid, user["_id"]) if rid else None
        return sub is not None and any(role in holders for role in sub.get("roles", ()))

    def can_any(
        self, user: Doc | None, permissions: tuple[str, ...], rid: str | None = None
    ) -> bool:
        """Whether somebody holds one of several permissions."""
        return any(self.can(user, permission, rid) for permission in permissions)

    def known(self, permission: str) -> bool:
        """Whether there is such a permission."""
        return permission in GRANTS or permission in PER_SETTING

    def grant(self, permission: str, roles: list[str]) -> None:
        """Replace the roles that hold a permission."""
        doc = {"_id": permission, "roles": roles, "_updatedAt": self._state.now()}
        self._state.grants.put(permission, doc)

    def listed(self) -> Iterator[Doc]:
        """All permissions, as the lists show them."""
        for permission in GRANTS:
            yield self._shown(permission)
        for permission, setting in PER_SETTING.items():
            yield {**self._shown(permission), "level": "settings", "settingId": setting}

    def _shown(self, permission: str) -> Doc:
        change = self._state.grants.get(permission)
        if change:
            return dict(change)
        roles = list(GRANTS.get(permission, []))
        return {"_id": permission, "roles": roles, "_updatedAt": self._since}

    def has_role(self, user: Doc, role: str, rid: str | None = None) -> bool:
        """Whether somebody is in a role, in a room if one is named."""
        kind = self._state.roles.get(role)
        if kind and kind["scope"] == "Subscriptions" and rid:
            sub = self._state.sub(rid, user["_id"])
            return sub is not None and role in sub.get("roles", ())
        return role in user["roles"]


def active_admins(state: State) -> list[Doc]:
    """The administrators that can log in."""
    return [user for user in state.users.where("role", "admin") if user["active"]]
