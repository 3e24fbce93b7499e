"""Who is calling: log-in, log-out, sessions."""

from http.cookies import CookieError, SimpleCookie

from chatops.sandbox.mattermost.accounts import is_password, own
from chatops.sandbox.mattermost.errors import AppError, bad_body, bad_url, refuse
from chatops.sandbox.mattermost.permissions import need, need_user
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import new_id
from chatops.sandbox.store import Doc

routes = Routes()

# Errors of a log-in that are told; every other becomes "wrong name or password".
_TOLD = {
    "api.user.login.blank_pwd.app_error",
    "api.user.login.bot_login_forbidden.app_error",
    "api.user.login.inactive.app_error",
    "api.user.login.not_verified.app_error",
    "api.user.check_user_login_attempts.too_many.app_error",
}
_SSO = ("SamlSettings", "GitLabSettings", "GoogleSettings", "Office365Settings", "OpenIdSettings")
_EXPIRED = "api.context.session_expired.app_error"


def recognise(call: Call, *, required: bool) -> None:
    """Find the caller by their token. 401 if one is needed and there is none that holds."""
    token, place = _token(call)
    site = call.site
    session = session_of(site, token) if token else None
    if session is not None and place == "query":
        refuse("api.context.token_provided.app_error", 401)
    if session is not None and place == "cookie" and call.method != "GET":
        csrf = call.headers.get("x-csrf-token") == session["csrf"]
        if not csrf and call.headers.get("x-requested-with") != "XMLHttpRequest":
            refuse(_EXPIRED, 401)
    user = site.users.get(session["user_id"]) if session else None
    if user is not None:
        call.session, call.me = session, user
    elif required:
        refuse(_EXPIRED, 401)


def _token(call: Call) -> tuple[str, str]:
    """The token and where it was found: a cookie comes before the Authorization header."""
    try:
        cookie = SimpleCookie(call.headers.get("cookie", "")).get("MMAUTHTOKEN")
    except CookieError:
        cookie = None
    if cookie is not None and cookie.value:
        return cookie.value, "cookie"
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    if kind.lower() in ("bearer", "token") and value:
        return value.strip(), "header"
    return call.arg("access_token"), "query"


def session_of(site: Site, token: str) -> Doc | None:
    """The session of a token; a personal access token makes one of its own."""
    session = site.sessions.find("token", token)
    if session is not None:
        return None if 0 < session["expires_at"] < site.now() else session
    personal = site.tokens.find("token", token)
    if personal is None or not personal["is_active"]:
        return None
    user = site.users.get(personal["user_id"])
    if user is None or user["delete_at"]:
        return None
    allowed = site.setting("ServiceSettings", "EnableUserAccessTokens") or user.get("is_bot")
    return {"id": personal["id"], "user_id": user["id"], "csrf": ""} if allowed else None


def open_session(site: Site, user: Doc, device_id: str = "") -> Doc:
    """Log somebody in."""
    now = site.now()
    hours = site.setting("ServiceSettings", "SessionLengthWebInHours")
    ident = new_id()
    session = {
        "id": ident,
        "token": new_id(),
        "csrf": new_id(),
        "user_id": user["id"],
        "create_at": now,
        "expires_at": now + hours * 3_600_000,
        "device_id": device_id,
    }
    return site.sessions.put(ident, session)


@routes.post("/users/login", session=False)
def login(call: Call) -> Reply:
    """Name or address and password in, a token in the header `Token` out."""
    props = call.texts()
    try:
        user = _authenticate(call.site, props)
    except AppError as error:
        if error.ident in _TOLD:
            raise
        _mask(call.site)
    session = open_session(call.site, user, props.get("device_id", ""))
    headers = {"Token": session["token"]}
    reply = Reply(own(user), 200, headers)
    if call.headers.get("x-requested-with") == "XMLHttpRequest":
        headers["Set-Cookie"] = f"MMAUTHTOKEN={session['token']}; Path=/; HttpOnly"
    if user["failed_attempts"]:
        call.site.save_user(user | {"failed_attempts": 0})
    return reply


def _authenticate(site: Site, props: dict[str, str]) -> Doc:
    password = props.get("password", "")
    if not password:
        refuse("api.user.login.blank_pwd.app_error")
    user = _named(site, props)
    if user["auth_service"]:
        refuse("api.user.login.use_auth_service.app_error")
    if user["delete_at"]:
        refuse("api.user.login.inactive.app_error", 401)
    if user.get("is_bot"):
        refuse("api.user.login.bot_login_forbidden.app_error", 401)
    if user["failed_attempts"] >= site.setting("ServiceSettings", "MaximumLoginAttempts"):
        refuse("api.user.check_user_login_attempts.too_many.app_error", 401)
    if not is_password(user["password"], password):
        site.save_user(user | {"failed_attempts": user["failed_attempts"] + 1})
        refuse("api.user.check_user_password.invalid.app_error", 401)
    if not user["email_verified"] and site.setting("EmailSettings", "RequireEmailVerification"):
        refuse("api.user.login.not_verified.app_error", 401)
    return user


def _named(site: Site, props: dict[str, str]) -> Doc:
    if props.get("id"):
        return site.user(props["id"])
    name = props.get("login_id", "").lower()
    found = None
    if site.setting("EmailSettings", "EnableSignInWithUsername"):
        found = site.users.find("username", name)
    if found is None and site.setting("EmailSettings", "EnableSignInWithEmail"):
        found = site.users.find("email", name)
    return found or refuse("store.sql_user.get_for_login.app_error")


def _mask(site: Site) -> None:
    ways = site.config["EmailSettings"]
    if any(site.config[section]["Enable"] for section in _SSO):
        refuse("api.user.login.invalid_credentials_sso", 401)
    by_name, by_mail = ways["EnableSignInWithUsername"], ways["EnableSignInWithEmail"]
    which = "_email_username" if by_name == by_mail else "_username" if by_name else "_email"
    refuse(f"api.user.login.invalid_credentials{which}", 401)


@routes.post("/users/logout", session=False)
def logout(call: Call) -> Reply:
    """End the caller's session; a stranger is told OK too."""
    if call.session:
        call.site.sessions.delete(call.session["id"])
    return Reply(OK, 200, {"Set-Cookie": "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly"})


@routes.get("/users/{user_id}/sessions")
def list_sessions(call: Call) -> list[Doc]:
    """Somebody's sessions, without their tokens."""
    user_id = call.ident("user_id")
    need_user(call, user_id)
    return [_shown(call.site, session) for session in call.site.sessions.where("user", user_id)]


def _shown(site: Site, session: Doc) -> Doc:
    user = site.user(session["user_id"])
    return {
        "id": session["id"],
        "token": "",
        "create_at": session["create_at"],
        "expires_at": session["expires_at"],
        "last_activity_at": session["create_at"],
        "user_id": session["user_id"],
        "device_id": session["device_id"],
        "roles": user["roles"],
        "is_oauth": False,
        "expired_notify": False,
        "props": {},
        "team_members": None,
        "local": False,
    }


@routes.post("/users/{user_id}/sessions/revoke")
def revoke_session(call: Call) -> Doc:
    """End one session."""
    user_id = call.ident("user_id")
    need_user(call, user_id)
    ident = call.texts().get("session_id", "")
    if not ident:
        bad_body("session_id")
    session = call.site.sessions.get(ident) or refuse("app.session.get.app_error", 400)
    if session["user_id"] != user_id:
        bad_url("user_id")
    call.site.sessions.delete(ident)
    return OK


@routes.post("/users/{user_id}/sessions/revoke/all")
def revoke_sessions(call: Call) -> Doc:
    """End all sessions of somebody."""
    user_id = call.ident("user_id")
    need_user(call, user_id)
    for session in call.site.sessions.where("user", user_id):
        call.site.sessions.delete(session["id"])
    return OK


@routes.post("/users/sessions/revoke/all")
def revoke_everything(call: Call) -> Doc:
    """End every session there is."""
    need(call, "manage_system")
    for session in call.site.sessions.all():
        call.site.sessions.delete(session["id"])
    return OK
