"""`settings`, `settings/:id` and what belongs to them. Any value of any kind is stored."""

from chatops.sandbox.rocketchat.listing import ordered
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.settings_table import Setting
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
# What a custom OAuth service brings: suffix, kind, default.
OAUTH = (
    ("", "boolean", True),
    ("-url", "string", ""),
    ("-token_path", "string", "/oauth/token"),
    ("-token_sent_via", "select", "payload"),
    ("-identity_token_sent_via", "select", "default"),
    ("-identity_path", "string", "/me"),
    ("-authorize_path", "string", "/oauth/authorize"),
    ("-scope", "string", "openid"),
    ("-access_token_param", "string", "access_token"),
    ("-id", "string", ""),
    ("-secret", "string", ""),
    ("-login_style", "select", "popup"),
    ("-button_label_text", "string", ""),
    ("-button_label_color", "string", "#FFFFFF"),
    ("-button_color", "string", "#1d74f5"),
    ("-key_field", "select", "username"),
    ("-username_field", "string", ""),
    ("-email_field", "string", ""),
    ("-name_field", "string", ""),
    ("-avatar_field", "string", ""),
    ("-roles_claim", "string", "roles"),
    ("-groups_claim", "string", "groups"),
    ("-channels_admin", "string", "rocket.cat"),
    ("-map_channels", "boolean", False),
    ("-roles_to_sync", "string", ""),
    ("-merge_users", "boolean", False),
    ("-merge_users_distinct_services", "boolean", False),
    ("-merge_roles", "boolean", False),
    ("-show_button", "boolean", True),
    ("-groups_channel_map", "code", "{}"),
)


def _list(call: Call, public_only: bool) -> Doc:
    table = call.state.settings
    defaults = str(call.query.get("includeDefaults", "")).lower() in ("true", "1")
    wanted = {ident.strip() for ident in str(call.query.get("_id") or "").split(",")} - {""}
    found = ordered(
        (
            {"_id": setting.ident}
            for setting in table.visible(public_only)
            if not wanted or setting.ident in wanted
        ),
        call.sort({"_id": 1}),
    )
    page = call.page()
    docs = []
    for entry in page.of(found):
        setting = table.defined(entry["_id"])
        if setting:
            docs.append(table.shown(setting, defaults))
    return page.answer("settings", docs, len(found))


@routes.get("settings")
def list_settings(call: Call) -> Doc:
    """The settings; those who are no administrators see the public ones."""
    return _list(call, public_only=not call.can("view-privileged-setting"))


@routes.get("settings.public", login=False)
def list_public(call: Call) -> Doc:
    """The settings that everybody may see."""
    return _list(call, public_only=True)


def _setting(call: Call) -> Setting:
    setting = call.state.settings.defined(call.path["_id"])
    if setting is None or setting.hidden:
        raise failure()
    return setting


@routes.get("settings/:_id", permissions=("view-privileged-setting",))
def get_setting(call: Call) -> Doc:
    """The value of one setting."""
    setting = _setting(call)
    answer: Doc = {"_id": setting.ident}
    if setting.kind != "group":
        answer["value"] = call.state.settings[setting.ident]
    return answer


@routes.post("settings/:_id", permissions=("edit-privileged-setting",), second_factor=True)
def set_setting(call: Call) -> None:
    """Store a value. What is missing is refused without a text."""
    setting = _setting(call)
    if setting.kind == "action" and call.body.get("execute"):
        return
    if "value" not in call.body:
        raise failure()
    call.state.settings.set(setting.ident, call.body["value"])


@routes.post("settings.addCustomOAuth", second_factor=True)
def add_custom_oauth(call: Call) -> None:
    """A login service of one's own, as settings."""
    name = call.body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise coded("error-name-param-not-provided", 'The parameter "name" is required')
    if not call.can("add-oauth-service"):
        raise coded(
            "error-action-not-allowed",
            "Adding OAuth Services is not allowed",
            method="addOAuthService",
            action="Adding_OAuth_Services",
        )
    clean = "".join(c for c in name.lower().title() if c.isalnum() or c == "_")
    prefix = f"Accounts_OAuth_Custom-{clean}"
    for suffix, kind, default in OAUTH:
        if call.state.settings.defined(prefix + suffix) is None:
            call.state.settings.define(prefix + suffix, kind, default)


@routes.get("settings.oauth", login=False)
def oauth_services(_: Call) -> Doc:
    """The login services that are on: none is ever set up here."""
    return {"services": []}


@routes.get("service.configurations", login=False)
def service_configurations(_: Call) -> Doc:
    """The same, in full."""
    return {"configurations": []}
