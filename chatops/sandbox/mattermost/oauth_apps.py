"""Applications that may act for people."""

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import has, need, need_user
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_http_url, new_id
from chatops.sandbox.store import Doc

routes = Routes()

_GIVEN = {
    "id": str,
    "name": str,
    "description": str,
    "icon_url": str,
    "callback_urls": list,
    "homepage": str,
    "is_trusted": bool,
    "is_public": bool,
}
_FIELDS = ("name", "description", "icon_url", "callback_urls", "homepage", "is_trusted")


def _check(app: Doc) -> None:
    """Stop at the first thing that is wrong with an application (model.OAuthApp.IsValid)."""
    prefix = "model.oauth.is_valid"
    if not 1 <= len(app["name"]) <= 64:
        refuse(f"{prefix}.name.app_error")
    urls = app["callback_urls"]
    if not urls or not all(isinstance(url, str) and is_http_url(url) for url in urls):
        refuse(f"{prefix}.callback.app_error")
    if not 1 <= len(app["homepage"]) <= 256 or not is_http_url(app["homepage"]):
        refuse(f"{prefix}.homepage.app_error")
    if len(app["description"]) > 512:
        refuse(f"{prefix}.description.app_error")
    if app["icon_url"] and (len(app["icon_url"]) > 512 or not is_http_url(app["icon_url"])):
        refuse(f"{prefix}.icon_url.app_error")


def _fields(call: Call, given: Doc, trusted: bool) -> Doc:
    empty: Doc = {key: _GIVEN[key]() for key in _FIELDS}
    fields = empty | {key: given[key] for key in _FIELDS if key in given}
    if not has(call.site, call.me, "manage_system"):
        fields["is_trusted"] = trusted
    return fields


@routes.post("/oauth/apps")
def create_app(call: Call) -> Reply:
    """Register an application; a public one gets no secret."""
    site, given = call.site, call.record("oauth_app", _GIVEN)
    need(call, "manage_oauth")
    if not site.setting("ServiceSettings", "EnableOAuthServiceProvider"):
        refuse("api.oauth.register_oauth_app.turn_off.app_error", 501)
    now = site.now()
    app = {
        "id": new_id(),
        "creator_id": call.my_id,
        "create_at": now,
        "update_at": now,
        "client_secret": "" if given.get("is_public") else new_id(),
        **_fields(call, given, trusted=False),
        "mattermost_app_id": "",
    }
    _check(app)
    return Reply(site.oauth_apps.put(app["id"], app), 201)


@routes.get("/oauth/apps")
def list_apps(call: Call) -> list[Doc]:
    """Applications: all of them, or the caller's own."""
    site = call.site
    if not has(site, call.me, "manage_oauth"):
        refuse("api.command.admin_only.app_error", 403)
    everybody = has(site, call.me, "manage_system_wide_oauth")
    found = [a for a in site.oauth_apps.all() if everybody or a["creator_id"] == call.my_id]
    return list(call.cut(found))


def _get(call: Call) -> Doc:
    ident = call.ident("app_id")
    need(call, "manage_oauth")
    app = _find(call, ident)
    if app["creator_id"] != call.my_id:
        need(call, "manage_system_wide_oauth")
    return app


def _find(call: Call, ident: str) -> Doc:
    if not call.site.setting("ServiceSettings", "EnableOAuthServiceProvider"):
        refuse("api.oauth.allow_oauth.turn_off.app_error", 501)
    return call.site.oauth_apps.get(ident) or refuse("app.oauth.get_app.find.app_error", 404)


@routes.get("/oauth/apps/{app_id}")
def get_app(call: Call) -> Doc:
    """One application, with its secret."""
    return _get(call)


@routes.get("/oauth/apps/{app_id}/info")
def app_info(call: Call) -> Doc:
    """One application without its secret, for everybody."""
    return _find(call, call.ident("app_id")) | {"client_secret": ""}


@routes.put("/oauth/apps/{app_id}")
def update_app(call: Call) -> Doc:
    """Replace what can be changed of an application."""
    ident = call.ident("app_id")
    need(call, "manage_oauth")
    given = call.record("oauth_app", _GIVEN)
    if given.get("id") != ident:
        bad_body("app_id")
    app = _get(call)
    changed = app | _fields(call, given, trusted=app["is_trusted"])
    changed["update_at"] = call.site.now()
    _check(changed)
    return call.site.oauth_apps.put(ident, changed)


@routes.post("/oauth/apps/{app_id}/regen_secret")
def regenerate_secret(call: Call) -> Doc:
    """A new secret."""
    app = _get(call)
    if not app["client_secret"]:
        refuse("api.oauth.regenerate_secret.public_client.app_error")
    return call.site.oauth_apps.put(app["id"], app | {"client_secret": new_id()})


@routes.delete("/oauth/apps/{app_id}")
def delete_app(call: Call) -> Doc:
    """Take an application away."""
    call.site.oauth_apps.delete(_get(call)["id"])
    return OK


@routes.get("/users/{user_id}/oauth/apps/authorized")
def authorised_apps(call: Call) -> list[Doc]:
    """Those that somebody let act for them: nobody ever did here."""
    need_user(call, call.ident("user_id"))
    return []
