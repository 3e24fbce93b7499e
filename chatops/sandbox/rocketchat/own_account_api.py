"""What people change about their own account, and what others may change for them."""

from typing import Any

from chatops.sandbox.rocketchat import people
from chatops.sandbox.rocketchat.departures import delete_person
from chatops.sandbox.rocketchat.people import from_params, whole
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.state import State, short_id
from chatops.sandbox.rocketchat.users_api import (
    check_custom_fields,
    set_email,
    set_identity,
    set_texts,
    store_custom_fields,
)
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()


@routes.post("users.deleteOwnAccount")
def delete_own(call: Call) -> None:
    """Delete one's own account, where the server allows it."""
    password = call.body.get("password")
    if not password:
        raise failure('Body parameter "password" is required.')
    if call.state.settings["Accounts_AllowDeleteOwnAccount"] is not True:
        raise coded("error-not-allowed", "Not allowed")
    if not people.password_fits(call.me, str(password).lower()):
        raise coded("error-invalid-password", "Invalid password", method="deleteUserOwnAccount")
    delete_person(call.state, call.me, bool(call.body.get("confirmRelinquish")))


@routes.post("users.updateOwnBasicInfo")
def update_own(call: Call) -> Doc:
    """Change one's own account."""
    state, user, data = call.state, call.me, call.body["data"]
    if data.get("newPassword"):
        _own_password(state, user, data)
    if data.get("name"):
        user["name"] = data["name"]
    if data.get("username") and data["username"] != user["username"]:
        if not people.username_allowed(state, data["username"]):
            raise coded(
                "error-input-is-not-a-valid-field",
                f"{data['username']} is not a valid username",
                method="saveUserProfile",
                input=data["username"],
                field="Username",
            )
        set_identity(state, user, {"username": data["username"]})
    if isinstance(data.get("statusText"), str):
        user["statusText"] = data["statusText"]
    if data.get("email"):
        set_email(state, user, data["email"])
    set_texts(user, data)
    own: Doc = user.setdefault("settings", {})
    own.setdefault("profile", {})
    check_custom_fields(state, call.body.get("customFields"))
    state.save_user(user)
    store_custom_fields(state, user, call.body.get("customFields"))
    shown = {
        **whole(state, user),
        "services": people.services_shown(user),
        "settings": {"profile": own["profile"], "calendar": {}},
        **people.common(state, user),
    }
    return {"user": shown}


def _own_password(state: State, user: Doc, data: Doc) -> None:
    typed = data.get("currentPassword")
    if not typed or not people.password_fits(user, str(typed).lower()):
        raise coded("error-invalid-password", "Invalid password", method="saveUserProfile")
    if state.settings["Accounts_AllowPasswordChange"] is not True:
        return  # Nothing is said of it. Source: server/methods/saveUserProfile.ts
    people.check_policy(state, data["newPassword"])
    user["services"]["password"] = {"hash": people.hash_password(data["newPassword"])}
    user.pop("requirePasswordChange", None)


@routes.post("users.setPreferences")
def set_preferences(call: Call) -> Doc:
    """How somebody wants the client to behave."""
    state, uid = call.state, call.body.get("userId") or call.me["_id"]
    if uid != call.me["_id"] and not call.can("edit-other-user-info"):
        raise coded("error-action-not-allowed", "Editing user is not allowed")
    user = state.user(uid)
    if user is None:
        raise coded(
            "error-invalid-user", 'The optional "userId" param provided does not match any users'
        )
    own: Doc = user.setdefault("settings", {})
    wanted: dict[str, Any] = dict(call.body["data"])
    language = wanted.pop("language", None)
    if language:
        user["language"] = language
    own["preferences"] = {**own.get("preferences", {}), **wanted}
    state.save_user(user)
    shown = dict(own["preferences"])
    if user.get("language"):
        shown["language"] = user["language"]
    return {"user": {"_id": user["_id"], "settings": {"preferences": shown}}}


def _self_or_other(call: Call, permission: str) -> Doc:
    params = call.body
    named = params.get("userId") or params.get("username") or params.get("user")
    if not named or named in (call.me["_id"], call.me["username"]):
        return call.me
    if not call.can(permission):
        raise forbidden()
    return from_params(call.state, params)


@routes.post("users.setStatus")
def set_status(call: Call) -> None:
    """Whether somebody is there, and in what words."""
    state, body = call.state, call.body
    status, message = body.get("status"), body.get("message")
    fits = all(isinstance(v, str | None) for v in (status, message))
    if not fits or (status is None and message is None):
        raise failure("Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation")
    if state.settings["Accounts_AllowUserStatusMessageChange"] is not True:
        raise coded("error-not-allowed", "Change status is not allowed", method="users.setStatus")
    user = _self_or_other(call, "edit-other-user-info")
    if message is not None:
        user["statusText"] = message
        state.save_user(user)
    if not status:
        return
    if status not in ("online", "away", "offline", "busy"):
        raise coded(
            "error-invalid-status",
            "Valid status types include online, away, offline, and busy.",
            method="users.setStatus",
        )
    invisible = state.settings["Accounts_AllowInvisibleStatusOption"] is True
    if status == "offline" and not invisible:
        raise coded(
            "error-status-not-allowed", "Invisible status is disabled", method="users.setStatus"
        )
    user |= {"status": status, "statusDefault": status}
    state.save_user(user)


@routes.post("users.setAvatar")
def set_avatar(call: Call) -> None:
    """A picture, from a file or an address; the address is not fetched here."""
    state = call.state
    if state.settings["Accounts_AllowUserAvatarChange"] is not True and not call.can(
        "edit-other-user-avatar"
    ):
        raise coded("error-not-allowed", "Change avatar is not allowed", method="users.setAvatar")
    form = {k: v for k, v in (call.form or {}).items() if isinstance(v, str)}
    call.body = {**call.body, **form}
    user = _self_or_other(call, "edit-other-user-avatar")
    if not call.body.get("avatarUrl") and not (call.form and call.form.get("image")):
        raise failure("The 'image' param is required")
    user |= {"avatarETag": short_id(), "avatarOrigin": "rest" if call.form else "url"}
    state.save_user(user)


@routes.post("users.resetAvatar")
def reset_avatar(call: Call) -> None:
    """Back to the picture that everybody has."""
    user = from_params(call.state, call.body)
    own = user["_id"] == call.me["_id"]
    allowed = own and call.state.settings["Accounts_AllowUserAvatarChange"] is True
    if not allowed and not call.can("edit-other-user-avatar", "manage-moderation-actions"):
        raise coded("error-not-allowed", "Reset avatar is not allowed", method="users.resetAvatar")
    user.pop("avatarETag", None)
    user.pop("avatarOrigin", None)
    call.state.save_user(user)
