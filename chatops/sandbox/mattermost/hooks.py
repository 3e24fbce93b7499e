"""Incoming and outgoing webhooks."""

import json
from typing import Any

from chatops.sandbox.mattermost.errors import bad_body, forbidden, refuse
from chatops.sandbox.mattermost.membership import TOWN_SQUARE
from chatops.sandbox.mattermost.messages import write
from chatops.sandbox.mattermost.permissions import (
    has,
    has_in_channel,
    has_in_team,
    may_read,
    need_in_team,
)
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_http_url, is_id, is_username, listed, new_id
from chatops.sandbox.store import Collection, Doc

routes = Routes()

_INCOMING = {
    "id": str,
    "team_id": str,
    "channel_id": str,
    "user_id": str,
    "display_name": str,
    "description": str,
    "username": str,
    "icon_url": str,
    "channel_locked": bool,
}
_OUTGOING = {
    "id": str,
    "token": str,
    "team_id": str,
    "channel_id": str,
    "creator_id": str,
    "trigger_words": list,
    "trigger_when": int,
    "callback_urls": list,
    "display_name": str,
    "description": str,
    "content_type": str,
    "username": str,
    "icon_url": str,
}
_ATTACHMENT = listed(
    "id fallback color pretext author_name author_link author_icon title title_link text fields "
    "image_url thumb_url footer footer_icon ts"
)
_LONGEST = (("display_name", 64), ("description", 500), ("username", 64), ("icon_url", 1024))
_MISSING = {
    "incoming": "app.webhooks.get_incoming.app_error",
    "outgoing": "app.webhooks.get_outgoing.app_error",
}


def _check_on(site: Site, kind: str) -> None:
    if not site.setting("ServiceSettings", f"Enable{kind.capitalize()}Webhooks"):
        refuse(f"api.{kind}_webhook.disabled.app_error", 501)


def _get(call: Call, kind: str) -> Doc:
    ident = call.ident("hook_id")
    _check_on(call.site, kind)
    hooks: Collection = getattr(call.site, kind)
    hook = hooks.get(ident)
    if hook is None or hook["delete_at"]:
        refuse(_MISSING[kind], 404)
    return hook


def _need(call: Call, hook: Doc, kind: str) -> None:
    """Stop unless the caller may handle this hook."""
    if kind == "incoming":
        channel = call.site.channel(hook["channel_id"])
        if channel["type"] != "O" and not may_read(call.site, call.me, channel):
            forbidden()
    need_in_team(call, hook["team_id"], f"manage_own_{kind}_webhooks")
    owner = hook["user_id"] if kind == "incoming" else hook["creator_id"]
    if owner != call.my_id:
        need_in_team(call, hook["team_id"], f"manage_others_{kind}_webhooks")


def _check_incoming(hook: Doc) -> None:
    if hook["username"] and not is_username(hook["username"]):
        refuse("api.incoming_webhook.invalid_username.app_error")
    for key, longest in _LONGEST:
        if len(hook[key].encode()) > longest:
            refuse(f"model.incoming_hook.{key}.app_error")


def _overrides(site: Site, fields: Doc, before: Doc) -> Doc:
    """A name and a picture of its own only where the settings allow it."""
    kept = dict(fields)
    if not site.setting("ServiceSettings", "EnablePostUsernameOverride"):
        kept["username"] = before.get("username", "")
    if not site.setting("ServiceSettings", "EnablePostIconOverride"):
        kept["icon_url"] = before.get("icon_url", "")
    return kept


@routes.post("/hooks/incoming")
def create_incoming(call: Call) -> Reply:
    """A new address that writes into a channel."""
    site, given = call.site, call.record("incoming_webhook", _INCOMING)
    channel = site.channel(given.get("channel_id", ""))
    team_id = channel["team_id"]
    need_in_team(call, team_id, "manage_own_incoming_webhooks")
    if not may_read(site, call.me, channel):
        forbidden()
    owner_id = given.get("user_id") or call.my_id
    if owner_id != call.my_id:
        need_in_team(call, team_id, "manage_others_incoming_webhooks")
        site.user(owner_id)
    if not has_in_team(site, call.me, team_id, "bypass_incoming_webhook_channel_lock"):
        given["channel_locked"] = True
    _check_on(site, "incoming")
    now = site.now()
    hook = {
        "id": new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "user_id": owner_id,
        "channel_id": channel["id"],
        "team_id": team_id,
        "display_name": given.get("display_name", ""),
        "description": given.get("description", ""),
        "username": given.get("username", ""),
        "icon_url": given.get("icon_url", ""),
        "channel_locked": given.get("channel_locked", False),
    }
    hook = _overrides(site, hook, {})
    _check_incoming(hook)
    if given.get("id"):
        refuse("app.webhooks.save_incoming.existing.app_error")
    return Reply(site.incoming.put(hook["id"], hook), 201)


@routes.get("/hooks/incoming")
def list_incoming(call: Call) -> Any:
    """The incoming webhooks of a team or of all."""
    site, team_id = call.site, call.arg("team_id")
    if team_id:
        need_in_team(call, team_id, "manage_own_incoming_webhooks")
        everybody = has_in_team(site, call.me, team_id, "manage_others_incoming_webhooks")
        found = site.incoming.where("team", team_id)
    else:
        if not has(site, call.me, "manage_own_incoming_webhooks"):
            forbidden()
        everybody = has(site, call.me, "manage_others_incoming_webhooks")
        found = [hook for hook in site.incoming.all() if not hook["delete_at"]]
    _check_on(site, "incoming")
    found = [hook for hook in found if everybody or hook["user_id"] == call.my_id]
    page = list(call.cut(found))
    if call.flag("include_total_count"):
        return {"incoming_webhooks": page, "total_count": len(found)}
    return page


@routes.get("/hooks/incoming/{hook_id}")
def get_incoming(call: Call) -> Doc:
    """One incoming webhook."""
    hook = _get(call, "incoming")
    _need(call, hook, "incoming")
    return hook


@routes.put("/hooks/incoming/{hook_id}")
def update_incoming(call: Call) -> Reply:
    """Replace what can be changed of an incoming webhook. Answers 201, as the real one does."""
    site, hook_id = call.site, call.ident("hook_id")
    given = call.record("incoming_webhook", _INCOMING)
    if given.get("id") != hook_id:
        bad_body("hook_id")
    old = _get(call, "incoming")
    if (given.get("team_id") or old["team_id"]) != old["team_id"]:
        refuse("api.webhook.team_mismatch.app_error")
    channel = site.channel(given.get("channel_id", ""))
    if channel["team_id"] != old["team_id"]:
        bad_body("channel_id")
    need_in_team(call, channel["team_id"], "manage_own_incoming_webhooks")
    if old["user_id"] != call.my_id:
        need_in_team(call, channel["team_id"], "manage_others_incoming_webhooks")
    if channel["type"] != "O" and not may_read(site, call.me, channel):
        forbidden()
    if not has_in_team(site, call.me, old["team_id"], "bypass_incoming_webhook_channel_lock"):
        given["channel_locked"] = True
    hook = old | {
        "update_at": site.now(),
        "channel_id": channel["id"],
        "channel_locked": given.get("channel_locked", False),
        **{key: given.get(key, "") for key, _ in _LONGEST},
    }
    hook = _overrides(site, hook, old)
    _check_incoming(hook)
    return Reply(site.incoming.put(hook_id, hook), 201)


@routes.delete("/hooks/incoming/{hook_id}")
def delete_incoming(call: Call) -> Doc:
    """Take an incoming webhook away."""
    hook = _get(call, "incoming")
    _need(call, hook, "incoming")
    now = call.site.now()
    call.site.incoming.put(hook["id"], hook | {"delete_at": now, "update_at": now})
    return OK


def _check_outgoing(site: Site, hook: Doc, verb: str) -> None:
    prefix = "model.outgoing_hook.is_valid"
    if hook["channel_id"]:
        channel = site.channel(hook["channel_id"])
        if channel["type"] != "O":
            create = "api.outgoing_webhook.disabled.app_error"
            update = "api.webhook.create_outgoing.not_open.app_error"
            refuse(create if verb == "create" else update, 403)
        if channel["team_id"] != hook["team_id"]:
            refuse("api.webhook.create_outgoing.permissions.app_error", 403)
    elif not hook["trigger_words"]:
        ident = "api.webhook.create_outgoing.triggers.app_error"
        refuse(ident, 400 if verb == "create" else 500)
    for other in site.outgoing.where("team", hook["team_id"]):
        if (
            other["id"] != hook["id"]
            and other["channel_id"] == hook["channel_id"]
            and set(other["callback_urls"]) & set(hook["callback_urls"])
            and set(other["trigger_words"]) & set(hook["trigger_words"])
        ):
            ident = f"api.webhook.{verb}_outgoing.intersect.app_error"
            refuse(ident, 500 if verb == "create" else 400)
    if not is_id(hook["team_id"]):
        refuse(f"{prefix}.team_id.app_error")
    if len(" ".join(hook["trigger_words"])) > 1022:
        refuse(f"{prefix}.words.app_error")
    if "" in hook["trigger_words"]:
        refuse(f"{prefix}.trigger_words.app_error")
    if not hook["callback_urls"] or len(" ".join(hook["callback_urls"])) > 1022:
        refuse(f"{prefix}.callback.app_error")
    if not all(is_http_url(url) for url in hook["callback_urls"]):
        refuse(f"{prefix}.url.app_error")
    for key, longest in (("display_name", 64), ("description", 500), ("content_type", 128)):
        if len(hook[key].encode()) > longest:
            refuse(f"{prefix}.{key}.app_error")
    if hook["trigger_when"] > 1:
        refuse(f"{prefix}.content_type.app_error")
    for key, longest in (("username", 64), ("icon_url", 1024)):
        if len(hook[key].encode()) > longest:
            refuse(f"model.outgoing_hook.{key}.app_error")


def _outgoing(given: Doc) -> Doc:
    empty: Doc = {key: kind() for key, kind in _OUTGOING.items() if key not in ("id", "token")}
    fields = empty | {key: value for key, value in given.items() if key in empty}
    if not all(isinstance(w, str) for w in [*fields["trigger_words"], *fields["callback_urls"]]):
        bad_body("outgoing_webhook")
    return fields


@routes.post("/hooks/outgoing")
def create_outgoing(call: Call) -> Reply:
    """Tell an address what is said in a public channel."""
    site, given = call.site, call.record("outgoing_webhook", _OUTGOING)
    fields = _outgoing(given)
    need_in_team(call, fields["team_id"], "manage_own_outgoing_webhooks")
    if fields["creator_id"]:
        need_in_team(call, fields["team_id"], "manage_others_outgoing_webhooks")
        site.user(fields["creator_id"])
    _check_on(site, "outgoing")
    now = site.now()
    hook = {
        "id": new_id(),
        "token": given.get("token") or new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        **fields,
        "creator_id": fields["creator_id"] or call.my_id,
    }
    _check_outgoing(site, hook, "create")
    if given.get("id"):
        refuse("app.webhooks.save_outgoing.override.app_error")
    return Reply(site.outgoing.put(hook["id"], hook), 201)


@routes.get("/hooks/outgoing")
def list_outgoing(call: Call) -> list[Doc]:
    """The outgoing webhooks of a channel, of a team or of all."""
    site, me = call.site, call.me
    channel_id, team_id = call.arg("channel_id"), call.arg("team_id")
    own, others = "manage_own_outgoing_webhooks", "manage_others_outgoing_webhooks"
    if channel_id:
        allowed = has_in_channel(site, me, channel_id, own)
        everybody = has_in_channel(site, me, channel_id, others)
        found = site.outgoing.where("channel", channel_id)
    elif team_id:
        allowed = has_in_team(site, me, team_id, own)
        everybody = has_in_team(site, me, team_id, others)
        found = site.outgoing.where("team", team_id)
    else:
        allowed, everybody = has(site, me, own), has(site, me, others)
        found = [hook for hook in site.outgoing.all() if not hook["delete_at"]]
    if not allowed:
        forbidden()
    _check_on(site, "outgoing")
    return list(call.cut([h for h in found if everybody or h["creator_id"] == call.my_id]))


@routes.get("/hooks/outgoing/{hook_id}")
def get_outgoing(call: Call) -> Doc:
    """One outgoing webhook."""
    hook = _get(call, "outgoing")
    _need(call, hook, "outgoing")
    return hook


@routes.put("/hooks/outgoing/{hook_id}")
def update_outgoing(call: Call) -> Doc:
    """Replace what can be changed of an outgoing webhook."""
    site, hook_id = call.site, call.ident("hook_id")
    given = call.record("outgoing_webhook", _OUTGOING)
    if given.get("id") != hook_id:
        bad_body("hook_id")
    old = _get(call, "outgoing")
    if (given.get("team_id") or old["team_id"]) != old["team_id"]:
        refuse("api.webhook.team_mismatch.app_error")
    _need(call, old, "outgoing")
    kept = {key: old[key] for key in ("creator_id", "team_id")}
    hook = old | _outgoing(given) | kept | {"update_at": site.now()}
    hook["token"] = given.get("token") or old["token"]
    _check_outgoing(site, hook, "update")
    return site.outgoing.put(hook_id, hook)


@routes.post("/hooks/outgoing/{hook_id}/regen_token")
def regenerate_token(call: Call) -> Doc:
    """A new token for an outgoing webhook."""
    hook = _get(call, "outgoing")
    _need(call, hook, "outgoing")
    return call.site.outgoing.put(hook["id"], hook | {"token": new_id()})


@routes.delete("/hooks/outgoing/{hook_id}")
def delete_outgoing(call: Call) -> Doc:
    """Take an outgoing webhook away."""
    hook = _get(call, "outgoing")
    _need(call, hook, "outgoing")
    now = call.site.now()
    call.site.outgoing.put(hook["id"], hook | {"delete_at": now, "update_at": now})
    return OK


def deliver(site: Site, hook_id: str, body: bytes) -> None:
    """Write what somebody sent to an incoming webhook's address."""
    _check_on(site, "incoming")
    hook = site.incoming.get(hook_id)
    if hook is None or hook["delete_at"]:
        refuse("web.incoming_webhook.invalid.app_error")
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        refuse("api.webhook.incoming.error")
    text = payload.get("text", "")
    if not text and not payload.get("attachments"):
        refuse("web.incoming_webhook.text.app_error")
    channel = site.channel(hook["channel_id"])
    named = str(payload.get("channel", "")).lstrip("#").lower()
    if named and not hook["channel_locked"]:
        found = site.channel_named(hook["team_id"], named)
        channel = found or refuse("web.incoming_webhook.channel.app_error", 404)
    elif named and named not in (channel["name"], TOWN_SQUARE):
        refuse("web.incoming_webhook.channel_locked.app_error", 403)
    props: Doc = {"from_webhook": "true", "webhook_display_name": hook["display_name"]}
    kind, attachments = "", payload.get("attachments")
    if isinstance(attachments, list) and attachments:
        kind, props["attachments"] = "slack_attachment", [_attachment(each) for each in attachments]
    write(site, channel["id"], site.user(hook["user_id"]), str(text), kind=kind, props=props)


def _attachment(given: Any) -> Doc:
    """One attachment with all its fields, as model.SlackAttachment writes them."""
    blank: Doc = dict.fromkeys(_ATTACHMENT, "") | {"id": 0, "fields": None, "ts": None}
    given = given if isinstance(given, dict) else {}
    return blank | {key: value for key, value in given.items() if key in blank}
