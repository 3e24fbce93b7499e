"""Logging in and out, who one is, personal tokens, registration."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from chatops.sandbox.rocketchat import factors, people, rooms
from chatops.sandbox.rocketchat.listing import without
from chatops.sandbox.rocketchat.people import close_sessions, myself, open_session
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden, unauthenticated
from chatops.sandbox.rocketchat.state import State, hashed, moment, stamp
from chatops.sandbox.rocketchat.users_api import store_custom_fields
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
PERSONAL = "personalAccessToken"


def _wanted(state: State, body: Doc) -> Doc | None:
    user: Any = body.get("user") or body.get("username") or body.get("email")
    if isinstance(user, dict):
        user = user.get("username") or user.get("email")
    if not isinstance(user, str):
        return None
    if "@" in user:
        return state.users.find("email", user.lower())
    return state.named(user)


@routes.post("login", login=False)
def login(call: Call) -> Doc:
    """Open a session by password, or go on with one by its token."""
    state, body = call.state, call.body
    if isinstance(body.get("resume"), str):
        session = state.sessions.get(hashed(body["resume"]))
        user = state.user(session["userId"]) if session else None
        if user is None:
            raise unauthenticated(
                "403", "You've been logged out by the server. Please log in again."
            )
        return _welcome(state, user, body["resume"])
    user = _wanted(state, body)
    password = body.get("password")
    if user is None or password is None or not people.password_fits(user, people.digest(password)):
        raise unauthenticated("Unauthorized")
    if not user["active"]:
        raise unauthenticated(
            "error-user-is-not-activated",
            "User is not activated",
            details={"function": "Accounts.validateLoginAttempt"},
        )
    factors.demand_at_login(state, user, body.get("code") or call.headers.get("x-2fa-code"))
    user["lastLogin"] = state.now()
    state.save_user(user)
    return _welcome(state, user, open_session(state, user))


def _welcome(state: State, user: Doc, token: str) -> Doc:
    data = {"userId": user["_id"], "authToken": token, "me": myself(state, user)}
    return {"status": "success", "data": data}


@routes.post("logout")
def logout(call: Call) -> Response:
    """Close this session. The answer is empty."""
    if call.session:
        call.state.sessions.delete(call.session["_id"])
    return Response(b"", media_type="application/json")


@routes.get("me")
def me(call: Call) -> Doc:
    """The person who calls."""
    return myself(call.state, call.me)


@routes.post("users.logout")
def users_logout(call: Call) -> Doc:
    """Close all sessions of somebody."""
    uid = call.body.get("userId") or call.me["_id"]
    if uid != call.me["_id"] and not call.can("logout-other-user"):
        raise forbidden()
    if call.state.user(uid) is None:
        raise coded("error-invalid-user-id", "Invalid user id")
    close_sessions(call.state, uid)
    return {"message": f"User {uid} has been logged out!"}


@routes.post("users.logoutOtherClients", "users.removeOtherTokens")
def logout_others(call: Call) -> Doc:
    """Close all sessions but this one; personal tokens stay."""
    if call.session is None:
        raise coded("error-parameter-required", "x-auth-token is required")
    close_sessions(call.state, call.me["_id"], keep=call.session["_id"], personal=False)
    days = call.state.settings.number("Accounts_LoginExpiration")
    ends = stamp(moment(call.session["when"]) + timedelta(days=days))
    return {"token": call.headers.get("x-auth-token"), "tokenExpires": ends}


def _tokens(call: Call) -> list[Doc]:
    sessions = call.state.sessions.where("user", call.me["_id"])
    return [session for session in sessions if session.get("type") == PERSONAL]


def _token_name(call: Call) -> str:
    name = call.body.get("tokenName")
    if not name:
        raise failure("The 'tokenName' param is required")
    return str(name)


def _may_have_tokens(call: Call, method: str) -> None:
    if not call.can("create-personal-access-tokens"):
        raise coded("not-authorized", "Not Authorized", method=f"personalAccessTokens:{method}")


@routes.get("users.getPersonalAccessTokens")
def list_tokens(call: Call) -> Doc:
    """The personal tokens, without the tokens."""
    if not call.can("create-personal-access-tokens"):
        raise coded("not-authorized", "Not Authorized")
    tokens = [
        {
            "name": token["name"],
            "createdAt": token["when"],
            "lastTokenPart": token["last"],
            "bypassTwoFactor": token["bypassTwoFactor"],
        }
        for token in _tokens(call)
    ]
    return {"tokens": tokens}


@routes.post("users.generatePersonalAccessToken", second_factor=True)
def generate_token(call: Call) -> Doc:
    """A token that does not end."""
    name = _token_name(call)
    _may_have_tokens(call, "generateToken")
    if any(token["name"] == name for token in _tokens(call)):
        raise coded(
            "error-token-already-exists",
            "A token with this name already exists",
            method="personalAccessTokens:generateToken",
        )
    return {"token": _new_token(call, name, bool(call.body.get("bypassTwoFactor")))}


def _new_token(call: Call, name: str, bypass: bool) -> str:
    return open_session(call.state, call.me, type=PERSONAL, name=name, bypassTwoFactor=bypass)


def _take_token(call: Call, name: str, method: str) -> Doc:
    _may_have_tokens(call, method)
    for token in _tokens(call):
        if token["name"] == name:
            call.state.sessions.delete(token["_id"])
            return token
    raise coded(
        "error-token-does-not-exists",
        "Token does not exist",
        method=f"personalAccessTokens:{method}",
    )


@routes.post("users.regeneratePersonalAccessToken", second_factor=True)
def regenerate_token(call: Call) -> Doc:
    """Another token in place of one."""
    name = _token_name(call)
    old = _take_token(call, name, "regenerateToken")
    return {"token": _new_token(call, name, old["bypassTwoFactor"])}


@routes.post("users.removePersonalAccessToken", second_factor=True)
def remove_token(call: Call) -> None:
    """Take a personal token back."""
    _take_token(call, _token_name(call), "removeToken")


@routes.post("users.createToken")
def create_token(call: Call) -> Doc:
    """Refused: the secret it wants is none that this server was started with."""
    raise failure("Not authorized [error-not-authorized]", "error-not-authorized")


@routes.post("users.register", login=False)
def register(call: Call) -> Doc:
    """Anybody makes an account for themselves; the first of an empty server becomes admin."""
    state, body = call.state, call.body
    if call.user:
        raise failure("Logged in users can not register again.")
    name, username = body.get("name"), body["username"]
    if name and any(letter in "<>\\/" for letter in name):
        raise failure("Name contains invalid characters")
    if not people.username_allowed(state, username):
        raise failure("The username provided is not valid")
    if not people.username_free(state, username):
        raise failure("Username is already in use")
    form = state.settings["Accounts_RegistrationForm"]
    secret = state.settings["Accounts_RegistrationForm_SecretURL"]
    if form == "Disabled":
        raise coded(
            "error-user-registration-disabled",
            "User registration is disabled",
            method="registerUser",
        )
    if form == "Secret URL" and (not body.get("secret") or body["secret"] != secret):
        raise coded(
            "error-user-registration-secret",
            "User registration is only allowed via Secret URL",
            method="registerUser",
        )
    people.check_policy(state, body["pass"])
    people.check_email(state, body["email"])
    if not people.email_free(state, body["email"]):
        raise coded(403, "Email already exists.")
    user = people.new_person(state, username, name, body["pass"], body["email"])
    if not any(person["type"] == "user" for person in state.users.all()):
        user["roles"] = [*user["roles"], "admin"]
    if state.settings["Accounts_ManuallyApproveNewUsers"] is True and "admin" not in user["roles"]:
        user |= {"active": False, "inactiveReason": "pending_approval"}
        user["reason"] = body.get("reason") or ""
    state.save_user(user)
    rooms.join_defaults(state, user)
    store_custom_fields(state, user, body.get("customFields"))
    return {"user": without(people.whole(state, user), *people.LIMITED)}


@routes.post("users.forgotPassword", login=False)
def forgot_password(call: Call) -> None:
    """Send a mail to set a new password. No mail ever leaves the sandbox."""
    if call.state.settings["Accounts_PasswordReset"] is not True:
        raise failure("Password reset is not enabled")
    if not call.body.get("email"):
        raise failure("The 'email' param is required")
