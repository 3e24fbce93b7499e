"""Personal access tokens."""

from chatops.sandbox.mattermost.errors import bad_body, bad_url, refuse
from chatops.sandbox.mattermost.permissions import need, need_user
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.mattermost.words import is_id, new_id
from chatops.sandbox.store import Doc

routes = Routes()

_MISSING = "app.user_access_token.get_by_user.app_error"


def _shown(token: Doc) -> Doc:
    """A token without its secret, which is told once."""
    return {key: value for key, value in token.items() if key != "token"}


@routes.post("/users/{user_id}/tokens")
def create_token(call: Call) -> Doc:
    """Make a token, for oneself or, as an administrator, for another."""
    site = call.site
    user = site.user(call.ident("user_id"))
    given = call.record("user_access_token", {"description": str})
    if not given.get("description"):
        bad_body("description")
    need(call, "create_user_access_token")
    need_user(call, user["id"])
    if "system_admin" in user["roles"].split():
        need(call, "manage_system")
    if not user.get("is_bot") and not site.setting("ServiceSettings", "EnableUserAccessTokens"):
        refuse("app.user_access_token.disabled", 501)
    if len(given["description"]) > 255:
        refuse("model.user_access_token.is_valid.description.app_error")
    ident = new_id()
    token = {
        "id": ident,
        "token": new_id(),
        "user_id": user["id"],
        "description": given["description"],
        "is_active": True,
    }
    return site.tokens.put(ident, token)


@routes.get("/users/{user_id}/tokens")
def tokens_of_user(call: Call) -> list[Doc]:
    """Somebody's tokens."""
    user_id = call.ident("user_id")
    need(call, "read_user_access_token")
    need_user(call, user_id)
    return [_shown(token) for token in call.cut(call.site.tokens.where("user", user_id))]


@routes.get("/users/tokens")
def all_tokens(call: Call) -> list[Doc]:
    """Everybody's tokens."""
    need(call, "manage_system")
    return [_shown(token) for token in call.cut(list(call.site.tokens.all()))]


@routes.post("/users/tokens/search")
def search_tokens(call: Call) -> list[Doc]:
    """Tokens by identifier or by their owner's name."""
    need(call, "manage_system")
    term = call.record("user_access_token_search", {"term": str}).get("term", "")
    if not term:
        bad_body("term")
    found = []
    for token in call.site.tokens.all():
        names = (token["id"], token["user_id"], call.site.user(token["user_id"])["username"])
        if any(name.startswith(term) for name in names):
            found.append(_shown(token))
    return found


@routes.get("/users/tokens/{token_id}")
def get_token(call: Call) -> Doc:
    """One token."""
    if not is_id(call.params["token_id"]):
        bad_url("token_id")
    need(call, "read_user_access_token")
    token = call.site.tokens.get(call.params["token_id"]) or refuse(_MISSING, 404)
    need_user(call, token["user_id"])
    return _shown(token)


def _named(call: Call, permission: str) -> Doc:
    ident = call.texts().get("token_id", "")
    if not ident:
        bad_body("token_id")
    need(call, permission)
    token = call.site.tokens.get(ident) or refuse(_MISSING, 404)
    need_user(call, token["user_id"])
    return token


@routes.post("/users/tokens/revoke")
def revoke_token(call: Call) -> Doc:
    """Take a token away for good."""
    call.site.tokens.delete(_named(call, "revoke_user_access_token")["id"])
    return OK


@routes.post("/users/tokens/disable")
def disable_token(call: Call) -> Doc:
    """Switch a token off."""
    token = _named(call, "revoke_user_access_token")
    call.site.tokens.put(token["id"], token | {"is_active": False})
    return OK


@routes.post("/users/tokens/enable")
def enable_token(call: Call) -> Doc:
    """Switch a token on again."""
    token = _named(call, "create_user_access_token")
    call.site.tokens.put(token["id"], token | {"is_active": True})
    return OK
