"""Roles over the API."""

from chatops.sandbox.mattermost.errors import bad_body, bad_url, refuse
from chatops.sandbox.mattermost.permissions import DELEGATED, FIXED, GUEST_ROLES, need
from chatops.sandbox.mattermost.web import Call, Routes
from chatops.sandbox.mattermost.words import is_role_name
from chatops.sandbox.store import Doc

routes = Routes()

MAXIMUM_NAMES = 100
_SCHEME_MANAGED = {
    "team_admin", "channel_admin", "system_user", "team_user", "channel_user", "system_guest",
    "team_guest", "channel_guest", "playbook_admin", "playbook_member", "run_admin", "run_member",
}  # fmt: skip


@routes.get("/roles")
def list_roles(call: Call) -> list[Doc]:
    """All roles, for administrators."""
    need(call, "manage_system")
    return list(call.site.roles.all())


@routes.get("/roles/{role_id}")
def get_role(call: Call) -> Doc:
    """One role."""
    role = call.site.roles.get(call.ident("role_id"))
    return role or refuse("app.role.get.app_error", 404)


@routes.get("/roles/name/{role_name:role}")
def role_by_name(call: Call) -> Doc:
    """One role by its name."""
    name = call.params["role_name"]
    if not is_role_name(name):
        bad_url("role_name")
    return call.site.roles.find("name", name) or refuse("app.role.get_by_name.app_error", 404)


@routes.post("/roles/names")
def roles_by_names(call: Call) -> list[Doc]:
    """Roles by names; those unknown are missing without a word."""
    wanted = call.strings("rolenames")
    if len(wanted) > MAXIMUM_NAMES:
        refuse("api.roles.get_multiple_by_name_too_many.request_error")
    cleaned = [name.strip() for name in wanted if name.strip()]
    if not all(is_role_name(name) for name in cleaned):
        bad_body("rolename")
    return [role for name in cleaned if (role := call.site.roles.find("name", name))]


@routes.put("/roles/{role_id}/patch")
def patch_role(call: Call) -> Doc:
    """Replace what a role allows."""
    site, role_id = call.site, call.ident("role_id")
    patch = call.record("role", {"permissions": list})
    role = site.roles.get(role_id) or refuse("app.role.get.app_error", 404)
    name = role["name"]
    protected = name == "system_admin" or name in DELEGATED
    need(call, "manage_system" if protected else "sysconsole_write_user_management_permissions")
    wanted = patch.get("permissions")
    if wanted is None:
        return role
    if not all(isinstance(permission, str) for permission in wanted):
        bad_body("role")
    if name in GUEST_ROLES and not site.licence:
        refuse("api.roles.patch_roles.license.error", 501)
    if FIXED & (set(wanted) ^ set(role["permissions"])):
        refuse("api.roles.patch_roles.not_allowed_permission.error", 501)
    if name not in _SCHEME_MANAGED:
        need(call, "sysconsole_write_user_management_system_roles")
    changed = role | {"permissions": sorted(set(wanted)), "update_at": site.now()}
    return site.save_role(changed)
