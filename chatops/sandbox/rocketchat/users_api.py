"""Making and changing people, by an administrator or by themselves."""

import json
import secrets

from chatops.sandbox.rocketchat import people, rooms
from chatops.sandbox.rocketchat.departures import deactivate, delete_person
from chatops.sandbox.rocketchat.people import from_params, in_use, whole
from chatops.sandbox.rocketchat.refusals import Refused, coded, failure, unauthenticated
from chatops.sandbox.rocketchat.state import State, milliseconds
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
LONGEST = {"bio": 260, "nickname": 120}


def _not_allowed(reason: str, action: str) -> Refused:
    return coded("error-action-not-allowed", reason, method="insertOrUpdateUser", action=action)


def _required(field: str) -> Refused:
    return coded(
        "error-the-field-is-required",
        f"The field {field} is required",
        method="insertOrUpdateUser",
        field=field,
    )


def _check(call: Call, data: Doc, uid: str | None) -> None:
    """What is refused of an account before anything is written, new or changed."""
    state, own = call.state, uid == call.me["_id"]
    if own and data.get("verified"):
        raise _not_allowed("Editing email verification is not allowed", "Editing_user")
    if uid and not own and not call.can("edit-other-user-info"):
        raise _not_allowed("Editing user is not allowed", "Editing_user")
    if not uid and not call.can("create-user"):
        raise _not_allowed("Adding user is not allowed", "Adding_user")
    roles = data.get("roles") or []
    if any(role not in state.roles for role in roles):
        raise _not_allowed("The field Roles consist invalid role id", "Assign_role")
    if "admin" in roles and not call.can("assign-admin-role"):
        raise _not_allowed("Assigning admin is not allowed", "Assign_admin")
    people.check_guests(state, roles, (state.user(uid) or {}).get("roles", []))
    name_wanted = not uid and state.settings["Accounts_RequireNameForSignUp"] is True
    if name_wanted and not data["name"].strip():
        raise _required("Name")
    if not uid and not data["username"].strip():
        raise _required("Username")
    name = data.get("name")
    if name and any(letter in "<>\\/" for letter in name):
        raise coded(
            "error-input-is-not-a-valid-field",
            f"{name} is not a valid name",
            method="insertOrUpdateUser",
            input=name,
            field="Name",
        )
    username = data.get("username")
    if username and not people.username_allowed(state, username):
        raise coded(
            "error-input-is-not-a-valid-field",
            f"{username} is not a valid username",
            method="insertOrUpdateUser",
            input=username,
            field="Username",
        )
    if uid:
        return
    if not data["password"] and not data.get("setRandomPassword"):
        raise _required("Password")
    if not people.username_free(state, data["username"]):
        raise in_use(data["username"], method="insertOrUpdateUser")
    if data["email"] and not people.email_free(state, data["email"]):
        raise in_use(data["email"], method="insertOrUpdateUser")
    people.check_email(state, data["email"])


def custom_schema(state: State) -> Doc:
    """The custom fields that the server was told of."""
    try:
        schema = json.loads(state.settings.text("Accounts_CustomFields") or "{}")
    except ValueError:
        return {}
    return schema if isinstance(schema, dict) else {}


def check_custom_fields(state: State, fields: Doc | None) -> None:
    """Refuse custom fields that the server's own list of them does not allow."""
    schema = custom_schema(state)
    if fields is None or not schema:
        return
    for name, rule in schema.items():
        value = fields.get(name, "")
        if rule.get("required") and value in ("", None):
            raise coded("error-user-registration-custom-field", f"Field {name} is required")
        options = rule.get("options")
        if rule.get("type") == "select" and value and options and value not in options:
            raise coded(
                "error-user-registration-custom-field", f"Value for field {name} is invalid"
            )
        longest, least = rule.get("maxLength"), rule.get("minLength")
        if isinstance(value, str) and longest and len(value) > longest:
            raise coded(
                "error-user-registration-custom-field",
                f"Max length of field {name} {longest}",
            )
        if isinstance(value, str) and value and least and len(value) < least:
            raise coded(
                "error-user-registration-custom-field",
                f"Min length of field {name} {least}",
            )


def store_custom_fields(state: State, user: Doc, fields: Doc | None) -> None:
    """Keep those custom fields that the server knows. It knows none at first."""
    known = custom_schema(state)
    if fields is None or not known:
        return
    kept = {name: fields[name] for name in known if name in fields}
    user["customFields"] = {**user.get("customFields", {}), **kept}
    state.save_user(user)


def set_texts(user: Doc, data: Doc) -> None:
    """Biography and nickname: what is empty goes."""
    for name, longest in LONGEST.items():
        if name not in data:
            continue
        value = data[name]
        if value and value.strip():
            if len(value) > longest:
                raise coded(
                    f"error-{name}-size-exceeded",
                    f"{name.title()} size exceeds {longest} characters",
                    method="saveUserProfile",
                )
            user[name] = value
        else:
            user.pop(name, None)


@routes.post("users.create")
def create(call: Call) -> Doc:
    """A new account."""
    state, body = call.state, call.body
    check_custom_fields(state, body.get("customFields"))
    _check(call, body, None)
    password = body["password"]
    if body.get("setRandomPassword"):
        password = secrets.token_urlsafe(18)
    user = people.new_person(state, body["username"], body["name"], password, body["email"])
    if body.get("roles"):
        user["roles"] = list(dict.fromkeys(body["roles"]))
    set_texts(user, body)
    if body.get("setRandomPassword"):
        user["requirePasswordChange"] = True
    elif isinstance(body.get("requirePasswordChange"), bool):
        user["requirePasswordChange"] = body["requirePasswordChange"]
    if isinstance(body.get("verified"), bool):
        user["emails"][0]["verified"] = body["verified"]
    user["inactiveReason"] = None
    state.save_user(user)
    if body.get("joinDefaultChannels", True):
        rooms.join_defaults(state, user)
    store_custom_fields(state, user, body.get("customFields"))
    if isinstance(body.get("active"), bool):
        _activity(call, user, body["active"], confirm=False)
    return {"user": whole(state, user)}


@routes.post("users.update", second_factor=True)
def update(call: Call) -> Doc:
    """Change somebody's account."""
    state, data = call.state, call.body["data"]
    user = state.user(call.body["userId"])
    if user is None:
        raise coded("error-user-not-found", "User not found", method="saveUser")
    _check(call, data, user["_id"])
    roles = data.get("roles")
    if (
        roles is not None
        and sorted(roles) != sorted(user["roles"])
        and not call.can("assign-roles")
    ):
        raise _not_allowed("Assign roles is not allowed", "Assign_role")
    password = data.get("password")
    if password and password.strip() and call.can("edit-other-user-password"):
        people.check_policy(state, password)
    else:
        password = None
    if data.get("setRandomPassword"):
        password = secrets.token_urlsafe(18)
        user["requirePasswordChange"] = True
    set_identity(state, user, data)
    if isinstance(data.get("statusText"), str):
        user["statusText"] = data["statusText"]
    if data.get("email"):
        set_email(state, user, data["email"])
    if password:
        user["services"]["password"] = {"hash": people.hash_password(password.strip())}
        people.close_sessions(state, user["_id"])
    set_texts(user, data)
    if roles is not None:
        user["roles"] = list(dict.fromkeys(roles))
    if isinstance(data.get("requirePasswordChange"), bool):
        user["requirePasswordChange"] = data["requirePasswordChange"]
    if isinstance(data.get("verified"), bool) and user.get("emails"):
        user["emails"][0]["verified"] = data["verified"]
    state.save_user(user)
    check_custom_fields(state, data.get("customFields"))
    store_custom_fields(state, user, data.get("customFields"))
    if isinstance(data.get("active"), bool):
        _activity(call, user, data["active"], bool(call.body.get("confirmRelinquish")))
    return {"user": whole(state, user)}


def set_identity(state: State, user: Doc, data: Doc) -> None:
    """Another name or user name. One that is taken is refused without saying why."""
    username = data.get("username")
    if username and username != user["username"]:
        free = username.lower() == user["username"].lower()
        try:
            free = free or people.username_free(state, username)
        except Refused:
            free = False
        if not free:
            raise coded(
                "error-could-not-save-identity", "Could not save user identity", method="saveUser"
            )
        user["username"] = username
        for sub in state.subs_of(user["_id"]):
            sub["u"] = {**sub["u"], "username": username}
            state.save_sub(sub)
    if data.get("name"):
        user["name"] = data["name"]


def set_email(state: State, user: Doc, address: str) -> None:
    """Another address, if nobody has it."""
    old: Doc = user["emails"][0] if user.get("emails") else {"address": "", "verified": False}
    if address.lower() == old["address"].lower():
        old["address"] = address
        return
    people.check_email(state, address)
    if not people.email_free(state, address):
        raise in_use(address, function="_setEmail")
    user["emails"] = [{"address": address, "verified": False}]


def _activity(call: Call, user: Doc, active: bool, confirm: bool) -> None:
    if not call.can("edit-other-user-active-status"):
        raise coded("error-not-allowed", "Not allowed", method="setUserActiveStatus")
    deactivate(call.state, user, active, confirm)


@routes.post(
    "users.setActiveStatus",
    permissions=("edit-other-user-active-status", "manage-moderation-actions"),
)
def set_active_status(call: Call) -> Doc:
    """Let somebody in, or keep them out."""
    user = call.state.user(call.body["userId"])
    if user is None:
        raise failure("User not found")
    _activity(call, user, call.body["activeStatus"], bool(call.body.get("confirmRelinquish")))
    return {"user": {"_id": user["_id"], "active": user["active"]}}


@routes.post("users.deactivateIdle", permissions=("edit-other-user-active-status",))
def deactivate_idle(call: Call) -> Doc:
    """Deactivate those who logged in once, but not for so many days."""
    state, role = call.state, call.body.get("role", "user")
    count = 0
    for user in state.users.all():
        last = user.get("lastLogin")
        if user["active"] and last and role in user["roles"]:
            age = (milliseconds(state.now()) - milliseconds(last)) / 86_400_000
            if age > call.body["daysIdle"]:
                user |= {"active": False, "inactiveReason": "idle_too_long"}
                state.save_user(user)
                count += 1
    return {"count": count}


@routes.post("users.delete", permissions=("delete-user",))
def delete(call: Call) -> Doc:
    """Delete an account, and with it rooms that nobody else is in."""
    user = from_params(call.state, call.body)
    gone = delete_person(call.state, user, bool(call.body.get("confirmRelinquish")))
    return {"deletedRooms": gone}


@routes.post("users.sendWelcomeEmail", permissions=("send-mail",))
def send_welcome(call: Call) -> None:
    """Pretend to send a mail to somebody who is here."""
    if call.state.users.find("email", call.body["email"].lower()) is None:
        raise coded("error-invalid-user", "Invalid user", method="sendWelcomeEmail")


@routes.post("users.sendConfirmationEmail")
def send_confirmation(call: Call) -> None:
    """Pretend to send a mail to oneself."""
    if call.state.users.find("email", call.body["email"].lower()) is None:
        raise unauthenticated()
