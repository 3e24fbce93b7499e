"""`roles.*` and `permissions.*`."""

from typing import Any

from chatops.sandbox.rocketchat.listing import only, ordered, without, words
from chatops.sandbox.rocketchat.people import from_params
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.rights import active_admins
from chatops.sandbox.rocketchat.state import moment
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
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


@routes.post("roles.create")
def create(_: Call) -> Doc:
    """Refused, whatever is sent and whoever sends it: further roles want a licence."""
    raise coded("error-action-not-allowed", "This is an enterprise feature")


@routes.post("roles.update")
def update(call: Call) -> Doc:
    """Change the description of a role, and whether it wants a second factor."""
    if not call.can("access-permissions"):
        raise coded("error-action-not-allowed", "Accessing permissions is not allowed")
    role = call.state.roles.get(str(call.body.get("roleId")))
    if role is None:
        raise coded("error-action-not-allowed", "This is an enterprise feature")
    name, scope = call.body.get("name"), call.body.get("scope")
    if (name and name != role["name"]) or (scope and scope != role["scope"]):
        raise coded("error-role-protected", "Role is protected")
    role |= only(call.body, ("description", "mandatory2fa"))
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
    """Delete a role: there is none here that may be deleted."""
    if not call.can("access-permissions"):
        raise coded("error-action-not-allowed", "Accessing permissions is not allowed")
    role = call.state.roles.get(call.body["roleId"])
    if role is None:
        raise coded("error-invalid-roleId", "This role does not exist")
    raise coded("error-role-protected", "Cannot delete a protected role")


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
