"""Passwords changed and forgotten, addresses verified. Mails are never sent here."""

from chatops.sandbox.mattermost.accounts import check_password, hashed, is_password
from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import has
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()

_MAIL_TOKEN_SIZE = 64


@routes.put("/users/{user_id}/password")
def update_password(call: Call) -> Doc:
    """A new password: one's own with the old one, another's as an administrator."""
    site, user_id = call.site, call.ident("user_id")
    props = call.texts()
    wanted = props.get("new_password", "")
    user = site.users.get(user_id)
    admin = user is not None and has(
        site,
        call.me,
        "manage_system"
        if "system_admin" in user["roles"].split()
        else "sysconsole_write_user_management_users",
    )
    ready = props.get("already_hashed") == "true"
    if ready and not admin:
        if user_id == call.my_id:
            refuse("api.user.update_password.user_and_hashed.app_error", 401)
        refuse("api.user.update_password.context.app_error", 403)
    if not ready:
        if user_id == call.my_id:
            _check_own(call, props.get("current_password", ""))
        elif not admin:
            refuse("api.user.update_password.context.app_error", 403)
        check_password(site, wanted)
    user = site.user(user_id)
    now = site.now()
    site.save_user(
        user
        | {
            "password": wanted if ready else hashed(wanted),
            "last_password_update": now,
            "update_at": now,
            "auth_data": None,
            "auth_service": "",
            "failed_attempts": 0,
        }
    )
    if site.setting("ServiceSettings", "TerminateSessionsOnPasswordChange"):
        for session in site.sessions.where("user", user_id):
            if session["id"] != (call.session or {}).get("id"):
                site.sessions.delete(session["id"])
    return OK


def _check_own(call: Call, current: str) -> None:
    if not current:
        bad_body("current_password")
    if call.me["auth_data"]:
        refuse("api.user.update_password.oauth.app_error")
    if not is_password(call.me["password"], current):
        refuse("api.user.update_password.incorrect.app_error")


@routes.post("/users/password/reset/send", session=False)
def send_reset(call: Call) -> Doc:
    """Ask for a link to a new password. The answer tells nothing of who has an account."""
    address = call.texts().get("email", "").lower()
    if not address:
        bad_body("email")
    user = call.site.users.find("email", address)
    if user is not None and user["auth_data"]:
        refuse("api.user.send_password_reset.sso.app_error")
    return OK


@routes.post("/users/password/reset", session=False)
def reset(call: Call) -> Doc:
    """Use such a link. None was ever sent, so none holds."""
    if len(call.texts().get("token", "")) != _MAIL_TOKEN_SIZE:
        bad_body("token")
    refuse("api.user.reset_password.invalid_link.app_error")


@routes.post("/users/email/verify", session=False)
def verify(call: Call) -> Doc:
    """Use a link that verifies an address. None was ever sent, so none holds."""
    if len(call.texts().get("token", "")) != _MAIL_TOKEN_SIZE:
        bad_body("token")
    refuse("api.user.verify_email.bad_link.app_error")


@routes.post("/users/email/verify/send", session=False)
def send_verification(call: Call) -> Doc:
    """Ask for such a link."""
    if not call.texts().get("email", ""):
        bad_body("email")
    return OK
