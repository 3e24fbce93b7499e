"""Bots."""

from typing import NoReturn

from chatops.sandbox.mattermost.accounts import NOTIFICATIONS, TIMEZONE, check_free, set_active
from chatops.sandbox.mattermost.errors import bad_body, forbidden, refuse
from chatops.sandbox.mattermost.permissions import has, need
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_username, new_id, plain
from chatops.sandbox.store import Doc

routes = Routes()

_PATCHABLE = {"username": str, "display_name": str, "description": str}


def _view(bot: Doc) -> Doc:
    """A bot as it is answered: what is empty is left out."""
    return {
        key: value
        for key, value in bot.items()
        if value or key not in ("display_name", "description")
    }


def _check(bot: Doc) -> None:
    if not is_username(bot["username"]):
        refuse("model.bot.is_valid.username.app_error")
    if len(bot["display_name"]) > 64:
        refuse("model.bot.is_valid.user_id.app_error")
    if len(bot["description"]) > 1024:
        refuse("model.bot.is_valid.description.app_error")


def _account(site: Site, bot: Doc) -> Doc:
    """The account that stands behind a bot."""
    now = bot["create_at"]
    user = {
        "id": bot["user_id"],
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "username": bot["username"],
        "password": "",
        "auth_data": None,
        "auth_service": "",
        "email": f"{bot['username']}@localhost",
        "email_verified": False,
        "nickname": "",
        "first_name": bot["display_name"],
        "last_name": "",
        "position": "",
        "roles": "system_user",
        "props": {},
        "notify_props": dict(NOTIFICATIONS),
        "last_password_update": now,
        "last_picture_update": 0,
        "failed_attempts": 0,
        "locale": "en",
        "timezone": dict(TIMEZONE),
        "is_bot": True,
        "bot_description": bot["description"],
        "disable_welcome_email": False,
    }
    check_free(site, user)
    return user


@routes.post("/bots")
def create_bot(call: Call) -> Reply:
    """A new bot, owned by the caller."""
    site = call.site
    if call.body.strip() == b"null":
        bad_body("bot")
    given = call.record("bot", _PATCHABLE)
    need(call, "create_bot")
    if call.me.get("is_bot"):
        forbidden()
    if not site.setting("ServiceSettings", "EnableBotAccountCreation"):
        refuse("api.bot.create_disabled", 403)
    now = site.now()
    bot = {
        "user_id": new_id(),
        "username": plain(given.get("username", "")),
        "display_name": given.get("display_name", ""),
        "description": given.get("description", ""),
        "owner_id": call.my_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
    }
    _check(bot)
    site.save_user(_account(site, bot))
    return Reply(_view(site.bots.put(bot["user_id"], bot)), 201)


@routes.get("/bots")
def list_bots(call: Call) -> list[Doc]:
    """Bots, oldest first; disabled ones only if asked."""
    site = call.site
    everybody = has(site, call.me, "read_others_bots")
    if not everybody:
        need(call, "read_bots")
    found = [
        bot
        for bot in site.bots.all()
        if (everybody or bot["owner_id"] == call.my_id)
        and (call.flag("include_deleted") or not bot["delete_at"])
        and not (call.flag("only_orphaned") and not _is_orphan(site, bot))
    ]
    found.sort(key=lambda bot: (bot["create_at"], bot["username"]))
    return [_view(bot) for bot in call.cut(found)]


def _is_orphan(site: Site, bot: Doc) -> bool:
    owner = site.users.get(bot["owner_id"])
    return owner is None or bool(owner["delete_at"])


def _missing() -> NoReturn:
    refuse("store.sql_bot.get.missing.app_error", 404)


@routes.get("/bots/{bot_user_id}")
def get_bot(call: Call) -> Doc:
    """One bot; a disabled one only if asked."""
    ident = call.ident("bot_user_id")
    bot = call.site.bots.get(ident)
    if bot is None or (bot["delete_at"] and not call.flag("include_deleted")):
        _missing()
    owned = bot["owner_id"] == call.my_id and has(call.site, call.me, "read_bots")
    if not owned and not has(call.site, call.me, "read_others_bots"):
        _missing()
    return _view(bot)


def _managed(call: Call) -> Doc:
    """The bot of the path, if the caller may manage it."""
    site = call.site
    bot = site.bots.get(call.ident("bot_user_id"))
    if bot is None:
        _missing()
    whose = "bots" if bot["owner_id"] == call.my_id else "others_bots"
    if not has(site, call.me, f"manage_{whose}"):
        if not has(site, call.me, f"read_{whose}"):
            _missing()
        forbidden()
    return bot


@routes.put("/bots/{bot_user_id}")
def patch_bot(call: Call) -> Doc:
    """Change some fields of a bot."""
    site = call.site
    call.ident("bot_user_id")
    if call.body.strip() == b"null":
        bad_body("bot")
    patch = call.record("bot", _PATCHABLE)
    bot = _managed(call)
    changed = bot | patch
    if changed == bot:
        return _view(bot)
    changed["update_at"] = site.now()
    _check(changed)
    user = site.user(bot["user_id"]) | {
        "username": changed["username"],
        "email": f"{changed['username']}@localhost",
        "first_name": changed["display_name"],
        "bot_description": changed["description"],
        "update_at": changed["update_at"],
    }
    check_free(site, user)
    site.save_user(user)
    return _view(site.bots.put(bot["user_id"], changed))


def _switch(call: Call, *, active: bool) -> Doc:
    site, bot = call.site, _managed(call)
    set_active(site, site.user(bot["user_id"]), active=active)
    if bool(bot["delete_at"]) is not active:
        return _view(bot)
    now = site.now()
    changed = bot | {"delete_at": 0 if active else now, "update_at": now}
    return _view(site.bots.put(bot["user_id"], changed))


@routes.post("/bots/{bot_user_id}/disable")
def disable_bot(call: Call) -> Doc:
    """Switch a bot off."""
    return _switch(call, active=False)


@routes.post("/bots/{bot_user_id}/enable")
def enable_bot(call: Call) -> Doc:
    """Switch a bot on again."""
    return _switch(call, active=True)


@routes.post("/bots/{bot_user_id}/assign/{user_id}")
def assign_bot(call: Call) -> Doc:
    """Give a bot to somebody else."""
    site, user_id = call.site, call.ident("user_id")
    bot = _managed(call)
    owner = site.users.get(user_id)
    if owner is not None and owner.get("is_bot"):
        forbidden()
    changed = bot | {"owner_id": user_id, "update_at": site.now()}
    return _view(site.bots.put(bot["user_id"], changed))
