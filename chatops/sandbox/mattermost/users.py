"""Accounts over the API: made, read one by one, changed, switched off."""

from typing import Any

from chatops.sandbox.mattermost.accounts import (
    anybody,
    check,
    check_free,
    create,
    erase,
    in_domains,
    is_password,
    own,
    profile,
    seen_by,
    set_active,
)
from chatops.sandbox.mattermost.errors import bad_body, bad_url, forbidden, refuse
from chatops.sandbox.mattermost.membership import join_team
from chatops.sandbox.mattermost.permissions import DELEGATED, has, is_admin, need, need_user
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_email, is_user_roles, is_username, plain
from chatops.sandbox.store import Doc

routes = Routes()

_PATCHABLE = {
    "username": str,
    "password": str,
    "nickname": str,
    "first_name": str,
    "last_name": str,
    "position": str,
    "email": str,
    "props": dict,
    "notify_props": dict,
    "locale": str,
    "timezone": dict,
    "remote_id": str,
}
_GIVEN = _PATCHABLE | {
    "id": str,
    "auth_service": str,
    "auth_data": str,
    "email_verified": bool,
    "allow_marketing": bool,
    "disable_welcome_email": bool,
    "roles": str,
}


@routes.post("/users", session=False)
def create_user(call: Call) -> Reply:
    """Sign-up, or an account made by an administrator."""
    site, given = call.site, call.record("user", _GIVEN)
    admin = is_admin(call)
    if not admin:
        for key in ("auth_data", "auth_service", "email_verified"):
            given.pop(key, None)
    invite = call.arg("iid")
    team = None
    if call.arg("t"):
        refuse("api.user.create_user.signup_link_invalid.app_error")
    if invite or not admin:
        if not (
            site.setting("EmailSettings", "EnableSignUpWithEmail")
            and site.setting("TeamSettings", "EnableUserCreation")
        ):
            refuse("api.user.create_user.signup_email_disabled.app_error", 501)
        if invite:
            team = site.teams.find("invite", invite)
            if team is None:
                refuse("app.team.get_by_invite_id.finding.app_error", 404)
            if not in_domains(given.get("email", ""), team["allowed_domains"]):
                refuse("api.team.invite_members.invalid_email.app_error", 403)
        elif anybody(site) and not site.setting("TeamSettings", "EnableOpenServer"):
            refuse("api.user.create_user.no_open_server", 403)
    user = create(site, given)
    if team is not None:
        join_team(site, team, user)
    quiet = {"disable_welcome_email": given.get("disable_welcome_email", False)}
    return Reply(own(user) | quiet, 201)


@routes.get("/users/{user_id}")
def get_user(call: Call) -> Doc:
    """One account by its identifier."""
    return seen_by(call, call.site.user(call.ident("user_id")))


@routes.get("/users/username/{username:username}")
def get_by_username(call: Call) -> Doc:
    """One account by its name. Capitals do not find anybody."""
    name = call.params["username"]
    if not is_username(name):
        bad_body("username")
    user = call.site.users.find("username", name)
    return seen_by(call, user or refuse("app.user.get_by_username.app_error", 404))


@routes.get("/users/email/{email:email}")
def get_by_email(call: Call) -> Doc:
    """One account by its address."""
    address = call.params["email"].lower()
    if not is_email(address):
        bad_url("email")
    admin = is_admin(call)
    if not admin and not call.site.setting("PrivacySettings", "ShowEmailAddress"):
        refuse("api.user.get_user_by_email.permissions.app_error", 403)
    user = call.site.users.find("email", address)
    return profile(call.site, user or refuse("app.user.missing_account.const", 404), admin=admin)


@routes.put("/users/{user_id}/patch")
def patch_user(call: Call) -> Doc:
    """Change some fields of an account."""
    user_id = call.ident("user_id")
    patch = call.record("user", _PATCHABLE)
    need_user(call, user_id)
    user = call.site.users.get(user_id) or bad_body("user_id")
    _protect_admin(call, user)
    return own(_change(call, user, patch, "patch"))


@routes.put("/users/{user_id}")
def update_user(call: Call) -> Doc:
    """Change an account by sending all of it."""
    user_id = call.ident("user_id")
    given = call.record("user", _GIVEN)
    if given.get("id") != user_id:
        bad_body("user_id")
    need_user(call, user_id)
    user = call.site.user(user_id)
    _protect_admin(call, user)
    texts = {key: "" for key, kind in _PATCHABLE.items() if kind is str and key != "password"}
    patch = texts | {key: value for key, value in given.items() if key in _PATCHABLE}
    patch["locale"] = patch["locale"] or user["locale"]
    return own(_change(call, user, patch, "update"))


def _change(call: Call, user: Doc, patch: Doc, verb: str) -> Doc:
    site = call.site
    if user["auth_service"] and patch.get("username", user["username"]) != user["username"]:
        refuse(f"api.user.{verb}_user.login_provider_attribute_set.app_error", 409)
    address = patch.get("email")
    if address is not None and address != user["email"] and user["id"] == call.my_id:
        if "password" not in patch:
            bad_body("password")
        if not is_password(user["password"], patch["password"]):
            refuse("api.user.check_user_password.invalid.app_error", 401)
    changed = user | {k: v for k, v in patch.items() if k not in ("password", "remote_id")}
    for key in ("username", "first_name", "last_name", "nickname"):
        changed[key] = plain(changed[key])
    changed["username"] = changed["username"].lower()
    changed["email"] = changed["email"].lower()
    if changed["email"] != user["email"]:
        domains = site.setting("TeamSettings", "RestrictCreationToDomains")
        if not in_domains(changed["email"], domains):
            refuse("api.user.update_user.accepted_domain.app_error")
        changed["email_verified"] = False
        if site.setting("EmailSettings", "RequireEmailVerification"):
            check_free(site, changed)
            changed |= {"email": user["email"], "email_verified": user["email_verified"]}
    keys = str(changed["notify_props"].get("mention_keys", "")).lower().split(",")
    if "mention_keys" in changed["notify_props"]:
        changed["notify_props"] = changed["notify_props"] | {
            "mention_keys": ",".join(key for key in keys if key)
        }
    check(changed)
    check_free(site, changed)
    changed["update_at"] = site.now()
    if changed["username"] != user["username"] and changed["last_picture_update"] <= 0:
        # The picture made of initials is drawn anew; its time is kept as a negative number.
        changed["last_picture_update"] = -changed["update_at"]
    return site.save_user(changed)


def _protect_admin(call: Call, user: Doc) -> None:
    if "system_admin" in user["roles"].split():
        need(call, "manage_system")


@routes.put("/users/{user_id}/roles")
def update_roles(call: Call) -> Doc:
    """Replace the roles of an account."""
    site, user_id = call.site, call.ident("user_id")
    wanted = call.texts().get("roles", "")
    if not is_user_roles(wanted):
        bad_body("roles")
    if DELEGATED & set(wanted.split()):
        refuse("api.user.update_user_roles.license.app_error")
    need(call, "manage_roles")
    user = site.user(user_id, status=400)
    if any(site.roles.find("name", role) is None for role in wanted.split()):
        refuse("app.role.check_roles_exist.role_not_found")
    if "system_admin" in user["roles"].split() and "system_admin" not in wanted:
        admins = [
            u
            for u in site.users.all()
            if "system_admin" in u["roles"].split() and not u["delete_at"] and not u.get("is_bot")
        ]
        if len(admins) <= 1:
            refuse("app.user.update.lastAdmin.app_error")
    site.save_user(user | {"roles": wanted, "update_at": site.now()})
    return OK


@routes.delete("/users/{user_id}")
def delete_user(call: Call) -> Doc:
    """Deactivate an account. Nobody is ever deleted for good unless a setting allows it."""
    site, user_id = call.site, call.ident("user_id")
    need_user(call, user_id)
    may_leave = site.setting("TeamSettings", "EnableUserDeactivation")
    if user_id == call.my_id and not may_leave and not is_admin(call):
        refuse("api.user.update_active.not_enable.app_error", 401)
    user = site.user(user_id)
    _protect_admin(call, user)
    if call.flag("permanent"):
        if not site.setting("ServiceSettings", "EnableAPIUserDeletion"):
            whom = ".for_admin" if is_admin(call) else ""
            refuse(f"api.user.delete_user.not_enabled{whom}.app_error", 401)
        erase(site, user)
    else:
        set_active(site, user, active=False)
    return OK


@routes.put("/users/{user_id}/active")
def update_active(call: Call) -> Doc:
    """Switch an account off and on."""
    site, user_id = call.site, call.ident("user_id")
    active: Any = call.loose().get("active")
    if not isinstance(active, bool):
        bad_body("active")
    leaving = not active and user_id == call.my_id
    if not leaving and not has(site, call.me, "sysconsole_write_user_management_users"):
        refuse("api.user.update_active.permissions.app_error", 403)
    if leaving and not site.setting("TeamSettings", "EnableUserDeactivation"):
        refuse("api.user.update_active.not_enable.app_error", 401)
    user = site.user(user_id)
    _protect_admin(call, user)
    if user["auth_service"] == "ldap":
        refuse(
            "api.user.update_active.cannot_modify_status_when_user_is_managed_by_ldap.app_error",
            403,
        )
    set_active(site, user, active=active)
    return OK


@routes.put("/users/{user_id}/auth")
def update_auth(call: Call) -> Doc:
    """Let an account log in through another service."""
    if not is_admin(call):
        forbidden()
    site, user_id = call.site, call.ident("user_id")
    given = call.record("user", {"auth_service": str, "auth_data": str, "password": str})
    if not given.get("auth_data") or not given.get("auth_service"):
        refuse("api.user.update_user_auth.invalid_request")
    user = site.user(user_id)
    changed = {"auth_service": given["auth_service"], "auth_data": given["auth_data"]}
    site.save_user(user | changed | {"password": "", "update_at": site.now()})
    return changed


@routes.post("/users/{user_id}/email/verify/member")
def verify_email(call: Call) -> Doc:
    """Take an address for verified."""
    site, user_id = call.site, call.ident("user_id")
    user = site.user(user_id)
    need(call, "manage_system")
    verified = site.save_user(user | {"email_verified": True, "update_at": site.now()})
    return profile(site, verified, admin=is_admin(call))
