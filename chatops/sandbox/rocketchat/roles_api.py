"""`roles.*` and `permissions.*`."""

from typing import Any

from chatops.sandbox.rocketchat.listing import only, ordered, without, words
from chatops.sandbox.rocketchat.people import from_params
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.rights import active_admins
from chatops.sandbox.rocketchat.state import long_id, moment
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
ROLE_FIELDS = frozenset(words("name scope description mandatory2fa"))
IN_ROLE = words("_id name username emails avatarETag createdAt _updatedAt")


@routes.get("roles.list")
def list_roles(call: Call) -> Doc:
    """Every role."""
    return {"roles": [without(role, "_updatedAt") for role in call.state.roles.all()]}


def _date(value: Any, code: str = "error-updatedSince-param-invalid") -> str:
    try:
        moment(str(value))
    except ValueError:
        raise coded(code, 'The "updatedSince" query parameter must be a valid date.') from None
    return str(value)


@routes.get("roles.sync")
def sync(call: Call) -> Doc:
    """Roles that changed since."""
    since = _date(call.query["updatedSince"])
    update = [role for role in call.state.roles.all() if role["_updatedAt"] > since]
    return {"roles": {"update": update, "remove": []}}


def _licensed(call: Call) -> bool:
    held = call.state.licence
    return held is not None and "custom-roles" in held.modules


def _checked_name(call: Call, name: str, own: str = "") -> str:
    if any(role["name"] == name and role["_id"] != own for role in call.state.roles.all()):
        raise coded("error-duplicate-role-names-not-allowed", "Role name already exists")
    return name


def _checked_scope(scope: str) -> str:
    if scope not in ("Users", "Subscriptions"):
        raise coded("error-invalid-scope", "Invalid scope")
    return scope


@routes.post("roles.create")
def create(call: Call) -> Doc:
    """A further role. Without a licence refused, whatever is sent and whoever sends it."""
    if not _licensed(call):
        raise coded("error-action-not-allowed", "This is an enterprise feature")
    body = call.body
    if not isinstance(body.get("name"), str) or set(body) - ROLE_FIELDS:
        raise coded("error-invalid-role-properties", "The role properties are invalid.")
    if not call.can("access-permissions"):
        raise coded("error-action-not-allowed", "Accessing permissions is not allowed")
    role: Doc = {
        "_id": long_id(),
        "name": _checked_name(call, body["name"]),
        "scope": _checked_scope(body.get("scope") or "Users"),
        "description": body.get("description") or "",
        "mandatory2fa": body.get("mandatory2fa") is True,
        "protected": False,
        "_updatedAt": call.state.now(),
    }
    return {"role": call.state.roles.put(role["_id"], role)}


@routes.post("roles.update")
def update(call: Call) -> Doc:
    """Change a role; what is left out is emptied. Those it was born with keep name and scope."""
    if not call.can("access-permissions"):
        raise coded("error-action-not-allowed", "Accessing permissions is not allowed")
    role = call.state.roles.get(str(call.body.get("roleId")))
    if not _licensed(call) and (role is None or not role["protected"]):
        raise coded("error-action-not-allowed", "This is an enterprise feature")
    if role is None:
        raise coded("error-invalid-roleId", "This role does not exist")
    name, scope = call.body.get("name"), call.body.get("scope")
    if role["protected"] and (
        (name and name != role["name"]) or (scope and scope != role["scope"])
    ):
        raise coded("error-role-protected", "Role is protected")
    role["name"] = _checked_name(call, name or role["name"], role["_id"])
    role["scope"] = _checked_scope(scope or role["scope"])
    role["description"] = call.body.get("description") or ""
    role["mandatory2fa"] = call.body.get("mandatory2fa") is True
    role["_updatedAt"] = call.state.now()
    return {"role": call.state.roles.put(role["_id"], role)}


@routes.post("roles.addUserToRole")
def add_user(call: Call) -> Doc:
    """Put somebody into a role, everywhere or in a room."""
    state, body = call.state, call.body
    user = from_params(state, body)
    if not body.get("roleId"):
        raise failure("error-invalid-role-properties")
    role = state.roles.get(body["roleId"])
    if role is None:
        # The two texts are swapped here, as recorded.
        raise failure("error-role-not-found", "Role not found")
    rid = body.get("roomId")
    if call.rights.has_role(user, role["_id"], rid):
        raise coded("error-user-already-in-role", "User already in role")
    method = "authorization:addUserToRole"
    if not call.can("access-permissions"):
        raise coded(
            "error-action-not-allowed",
            "Accessing permissions is not allowed",
            method=method,
            action="Accessing_permissions",
        )
    if role["_id"] == "admin" and not call.can("assign-admin-role"):
        raise coded(
            "error-action-not-allowed",
            "Assigning admin is not allowed",
            method=method,
            action="Assign_admin",
        )
    _change(call, user, role, rid, add=True)
    return {"role": role}


def _change(call: Call, user: Doc, role: Doc, rid: str | None, add: bool) -> None:
    state, ident = call.state, role["_id"]
    if role["scope"] == "Subscriptions" and rid:
        sub = state.sub(rid, user["_id"])
        if sub:
            kept = [name for name in sub.get("roles", ()) if name != ident]
            state.save_sub({**sub, "roles": kept + ([ident] if add else [])})
        elif add:
            raise coded("error-invalid-user", "User is not in this room")
        return
    kept = [name for name in user["roles"] if name != ident]
    user["roles"] = kept + ([ident] if add else [])
    state.save_user(user)


@routes.post("roles.removeUserFromRole")
def remove_user(call: Call) -> Doc:
    """Take somebody out of a role."""
    state, body = call.state, call.body
    if not call.can("access-permissions"):
        raise coded("error-not-allowed", "Accessing permissions is not allowed")
    if not body.get("roleId"):
        raise failure("error-invalid-role-properties")
    user = state.named(body["username"])
    if user is None:
        raise coded("error-invalid-user", "There is no user with this username")
    role = state.roles.get(body["roleId"])
    if role is None:
        raise coded("error-invalid-roleId", "This role does not exist")
    rid = body.get("scope") or body.get("roomId")
    if not call.rights.has_role(user, role["_id"], rid):
        raise coded("error-user-not-in-role", "User is not in this role")
    if role["_id"] == "admin" and len(active_admins(state)) == 1:
        raise coded("error-admin-required", "You need to have at least one admin")
    _change(call, user, role, rid, add=False)
    return {"role": role}


@routes.get("roles.getUsersInRole")
def users_in_role(call: Call) -> Doc:
    """The people in a role."""
    state, query = call.state, call.query
    if not call.can("access-permissions"):
        raise coded("error-not-allowed", "Not allowed")
    rid = query.get("roomId")
    if rid and not call.can("view-other-user-channels"):
        raise coded("error-not-allowed", "Not allowed")
    role = state.roles.get(query["role"])
    if role is None:
        raise coded("error-invalid-roleId")
    if role["scope"] == "Subscriptions":
        subs = state.subs.where("room", rid) if rid else []
        found = [state.user(s["u"]["_id"]) for s in subs if role["_id"] in s.get("roles", ())]
    else:
        found = [user for user in state.users.all() if role["_id"] in user["roles"]]
    people = ordered([user for user in found if user], {"username": 1})
    return {"users": [only(u, IN_ROLE) for u in call.page().of(people)], "total": len(people)}


@routes.get("roles.getUsersInPublicRoles")
def users_in_public_roles(call: Call) -> Doc:
    """The people in roles that are shown beside names: those with a description."""
    public = {
        role["_id"]
        for role in call.state.roles.all()
        if role["scope"] == "Users" and role["description"]
    }
    shown = [
        {"_id": user["_id"], "username": user["username"], "roles": user["roles"]}
        for user in call.state.users.all()
        if public & set(user["roles"])
    ]
    return {"users": shown}


@routes.post("roles.delete")
def delete(call: Call) -> None:
    """Delete a role that nobody has: none of those the server was born with."""
    if not call.can("access-permissions"):
        raise coded("error-action-not-allowed", "Accessing permissions is not allowed")
    role = call.state.roles.get(call.body["roleId"])
    if role is None:
        raise coded("error-invalid-roleId", "This role does not exist")
    if role["protected"]:
        raise coded("error-role-protected", "Cannot delete a protected role")
    if any(role["_id"] in user["roles"] for user in call.state.users.all()):
        raise coded("error-role-in-use", "Cannot delete role because it's in use")
    call.state.roles.delete(role["_id"])


@routes.get("permissions.listAll")
def list_permissions(call: Call) -> Doc:
    """Who holds which permission."""
    since = call.query.get("updatedSince")
    if since:
        since = _date(since, "error-roomId-param-invalid")
    update = [p for p in call.rights.listed() if not since or p["_updatedAt"] > since]
    return {"update": update, "remove": []}


@routes.post("permissions.update", permissions=("access-permissions",))
def update_permissions(call: Call) -> Doc:
    """Replace the roles of some permissions, all or none."""
    wanted = call.body["permissions"]
    idents = {entry["_id"] for entry in wanted}
    if len(idents) != len(wanted) or not all(call.rights.known(ident) for ident in idents):
        raise failure("Invalid permission", "error-invalid-permission")
    if any(role not in call.state.roles for entry in wanted for role in entry["roles"]):
        raise failure("Invalid role", "error-invalid-role")
    for entry in wanted:
        call.rights.grant(entry["_id"], entry["roles"])
    return {"permissions": list(call.rights.listed())}
