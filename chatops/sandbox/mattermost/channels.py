"""Channels: made, read, changed, archived, brought back."""

from chatops.sandbox.mattermost.errors import AppError, bad_body, bad_url, forbidden, refuse
from chatops.sandbox.mattermost.membership import TOWN_SQUARE, put_channel_member
from chatops.sandbox.mattermost.messages import note, note_change
from chatops.sandbox.mattermost.permissions import (
    has,
    has_in_channel,
    has_in_team,
    is_admin,
    need,
    need_in_channel,
    need_in_team,
)
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import (
    is_channel_name,
    is_team_name,
    looks_like_conversation,
    new_id,
    plain,
)
from chatops.sandbox.store import Doc

routes = Routes()

_PATCHABLE = {
    "display_name": str,
    "name": str,
    "header": str,
    "purpose": str,
    "group_constrained": bool,
}
_GIVEN = _PATCHABLE | {"id": str, "team_id": str, "type": str}
_PROPERTIES = {
    "O": "manage_public_channel_properties",
    "P": "manage_private_channel_properties",
}
_MISSING = "app.channel.get_by_name.missing.app_error"
_TAKEN = "store.sql_channel.save_channel.exists.app_error"


def blank(
    site: Site, team_id: str, name: str, display_name: str, kind: str, creator_id: str = ""
) -> Doc:
    """A channel in which nothing was said yet."""
    now = site.now()
    return {
        "id": new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "team_id": team_id,
        "type": kind,
        "display_name": plain(display_name.strip()),
        "name": plain(name),
        "header": "",
        "purpose": "",
        "last_post_at": 0,
        "total_msg_count": 0,
        "extra_update_at": 0,
        "creator_id": creator_id,
        "scheme_id": None,
        "props": None,
        "group_constrained": None,
        "autotranslation": False,
        "shared": None,
        "total_msg_count_root": 0,
        "policy_id": None,
        "last_root_post_at": 0,
        "banner_info": None,
        "policy_enforced": False,
        "policy_is_active": False,
        "default_category_name": "",
    }


def check(channel: Doc) -> None:
    """Stop at the first field that a channel may not have (model.Channel.IsValid)."""
    if len(channel["display_name"]) > 64:
        refuse("model.channel.is_valid.display_name.app_error")
    if not is_channel_name(channel["name"]):
        refuse("model.channel.is_valid.1_or_more.app_error")
    if channel["type"] not in ("O", "P", "D", "G"):
        refuse("model.channel.is_valid.type.app_error")
    if len(channel["header"]) > 1024:
        refuse("model.channel.is_valid.header.app_error")
    if len(channel["purpose"]) > 250:
        refuse("model.channel.is_valid.purpose.app_error")
    if channel["type"] in ("O", "P") and looks_like_conversation(channel["name"]):
        refuse("model.channel.is_valid.name.app_error")


@routes.post("/channels")
def create_channel(call: Call) -> Reply:
    """A new channel; who makes it becomes its member and administrator."""
    site, given = call.site, call.record("channel", _GIVEN)
    team_id, kind = given.get("team_id", ""), given.get("type", "")
    if not team_id:
        bad_body("team_id")
    if not given.get("display_name"):
        bad_body("display_name")
    if kind == "O":
        need_in_team(call, team_id, "create_public_channel")
    if kind == "P":
        need_in_team(call, team_id, "create_private_channel")
    if kind in ("D", "G"):
        refuse("api.channel.create_channel.direct_channel.app_error")
    most = site.setting("TeamSettings", "MaxChannelsPerTeam")
    if site.channels.count("team", team_id) + 1 > most:
        refuse("api.channel.create_channel.max_channel_limit.app_error")
    name = given.get("name", "")
    channel = blank(site, team_id, name, given["display_name"], kind, call.my_id)
    channel |= {
        key: given[key] for key in ("header", "purpose", "group_constrained") if key in given
    }
    if given.get("id"):
        refuse("store.sql_channel.save_channel.existing.app_error")
    check(channel)
    if site.channel_named(team_id, channel["name"]) is not None:
        refuse(_TAKEN)
    site.channels.put(channel["id"], channel)
    put_channel_member(site, channel, call.me, admin=True)
    name = call.me["username"]
    note(site, channel, call.me, "join_channel", f"{name} joined the channel.")
    return Reply(channel, 201)


@routes.get("/channels/{channel_id}")
def get_channel(call: Call) -> Doc:
    """One channel, also an archived one."""
    channel = call.site.channel(call.ident("channel_id"))
    if channel["type"] == "O" and has_in_team(
        call.site, call.me, channel["team_id"], "read_public_channel"
    ):
        return channel
    need_in_channel(call, channel["id"], "read_channel")
    return channel


def _by_name(call: Call, team_id: str) -> Doc:
    name = call.params["channel_name"].lower()
    if not is_channel_name(name):
        bad_url("channel_name")
    site = call.site
    # A conversation is of no team, and found below each (sqlstore: TeamId = ? OR TeamId = '').
    channel = site.channel_named(team_id, name) or site.channel_named("", name)
    if channel is None or (channel["delete_at"] and not call.flag("include_deleted")):
        refuse(_MISSING, 404)
    may = has_in_channel(site, call.me, channel["id"], "read_channel")
    if channel["type"] == "O":
        if not may and not has_in_team(site, call.me, team_id, "read_public_channel"):
            forbidden()
    elif not may and not has_in_team(site, call.me, team_id, "manage_team"):
        refuse(_MISSING, 404)
    return channel


@routes.get("/teams/{team_id}/channels/name/{channel_name:name}")
def channel_by_name(call: Call) -> Doc:
    """A channel by its name; archived ones only if asked."""
    return _by_name(call, call.ident("team_id"))


@routes.get("/teams/name/{team_name:name}/channels/name/{channel_name:name}")
def channel_by_names(call: Call) -> Doc:
    """A channel by its team's name and its own."""
    name = call.params["team_name"].lower()
    if not is_team_name(name):
        bad_url("team_name")
    team = call.site.teams.find("name", name)
    if team is None:
        refuse("app.channel.get_by_name.missing.app_error", 404)
    return _by_name(call, team["id"])


@routes.put("/channels/{channel_id}/patch")
def patch_channel(call: Call) -> Doc:
    """Change some fields. The answer is the channel before the messages about it were written."""
    site, channel_id = call.site, call.ident("channel_id")
    patch = _body(call)
    channel = site.channel(channel_id)
    if not patch:
        refuse("api.channel.patch_update_channel.no_changes.app_error")
    kind = channel["type"]
    if kind in _PROPERTIES:
        need_in_channel(call, channel_id, _PROPERTIES[kind])
    else:
        if f"{channel_id}:{call.my_id}" not in site.channel_members:
            refuse("api.channel.patch_update_channel.forbidden.app_error", 403)
        if any(
            key in patch and patch[key] != channel[key]
            for key in ("name", "display_name", "purpose")
        ):
            refuse(
                "api.channel.patch_update_channel"
                ".update_direct_or_group_messages_not_allowed.app_error"
            )
    if channel["name"] == TOWN_SQUARE and patch.get("name", TOWN_SQUARE) != TOWN_SQUARE:
        refuse("api.channel.update_channel.tried.app_error")
    if "display_name" in patch:
        patch["display_name"] = patch["display_name"].strip()
    changed = _save(site, channel, patch)
    _tell(call, channel, changed)
    return changed


def _body(call: Call) -> Doc:
    if call.body.strip() == b"null":
        bad_body("channel")
    return call.record("channel", _PATCHABLE)


def _save(site: Site, channel: Doc, fields: Doc) -> Doc:
    if channel["delete_at"]:
        refuse("app.channel.update.bad_id")
    changed = channel | fields | {"update_at": site.now()}
    check(changed)
    found = site.channel_named(channel["team_id"], changed["name"])
    if found is not None and found["id"] != channel["id"]:
        refuse(_TAKEN)
    return site.channels.put(channel["id"], changed)


def _tell(call: Call, old: Doc, new: Doc) -> None:
    for key, what in (
        ("display_name", "displayname"),
        ("header", "header"),
        ("purpose", "purpose"),
    ):
        if old[key] != new[key]:
            note_change(call.site, new, call.me, what, old[key], new[key])


@routes.put("/channels/{channel_id}")
def update_channel(call: Call) -> Doc:
    """Change a channel by sending all of it."""
    site, channel_id = call.site, call.ident("channel_id")
    if call.body.strip() == b"null":
        bad_body("channel")
    given = call.record("channel", _GIVEN)
    if given.get("id") != channel_id:
        bad_body("channel_id")
    channel = site.channel(channel_id)
    if channel["type"] in _PROPERTIES:
        need_in_channel(call, channel_id, _PROPERTIES[channel["type"]])
    elif f"{channel_id}:{call.my_id}" not in site.channel_members:
        refuse("api.channel.patch_update_channel.forbidden.app_error", 403)
    if channel["delete_at"]:
        refuse("api.channel.update_channel.deleted.app_error")
    if given.get("type", channel["type"]) != channel["type"]:
        refuse("api.channel.update_channel.typechange.app_error")
    if channel["name"] == TOWN_SQUARE and given.get("name", TOWN_SQUARE) != TOWN_SQUARE:
        refuse("api.channel.update_channel.tried.app_error")
    fields = {"header": given.get("header", ""), "purpose": given.get("purpose", "")}
    fields |= {key: given[key] for key in ("display_name", "name") if given.get(key)}
    changed = _save(site, channel, fields)
    if changed["display_name"] != channel["display_name"]:
        names = channel["display_name"], changed["display_name"]
        note_change(site, changed, call.me, "displayname", *names)
    return changed


@routes.put("/channels/{channel_id}/privacy")
def channel_privacy(call: Call) -> Doc:
    """Public or private."""
    site, channel_id = call.site, call.ident("channel_id")
    privacy = call.loose().get("privacy")
    if privacy not in ("O", "P"):
        bad_body("privacy")
    channel = site.channel(channel_id)
    way = "private_channel_to_public" if privacy == "O" else "public_channel_to_private"
    need_in_channel(call, channel_id, f"convert_{way}")
    if channel["name"] == TOWN_SQUARE and privacy == "P":
        refuse("api.channel.update_channel_privacy.default_channel_error")
    changed = _save(site, channel, {"type": privacy})
    text = (
        "This channel has been converted to a Public Channel and can be joined by any team member."
        if privacy == "O"
        else "This channel has been converted to a Private Channel."
    )
    note(site, changed, call.me, "change_chan_privacy", text)
    return changed


@routes.delete("/channels/{channel_id}")
def delete_channel(call: Call) -> Doc:
    """Archive a channel. Its webhooks go for good; bringing it back does not bring them back."""
    site, channel_id = call.site, call.ident("channel_id")
    channel = site.channel(channel_id)
    if channel["type"] not in ("O", "P"):
        refuse("api.channel.delete_channel.type.invalid")
    kind = "public" if channel["type"] == "O" else "private"
    need_in_channel(call, channel_id, f"delete_{kind}_channel")
    if call.flag("permanent"):
        if not site.setting("ServiceSettings", "EnableAPIChannelDeletion"):
            whom = ".for_admin" if is_admin(call) else ""
            refuse(f"api.user.delete_channel.not_enabled{whom}.app_error", 401)
        _erase(site, channel)
        return OK
    if channel["delete_at"]:
        refuse("api.channel.delete_channel.deleted.app_error")
    if channel["name"] == TOWN_SQUARE:
        refuse("api.channel.delete_channel.cannot.app_error")
    name = call.me["username"]
    note(site, channel, call.me, "channel_deleted", f"{name} archived the channel.")
    _drop_hooks(site, channel)
    now = site.now()
    site.channels.put(channel_id, site.channel(channel_id) | {"delete_at": now, "update_at": now})
    return OK


def _drop_hooks(site: Site, channel: Doc) -> None:
    now = site.now()
    for hooks in (site.incoming, site.outgoing):
        for hook in hooks.where("channel", channel["id"]):
            hooks.put(hook["id"], hook | {"delete_at": now, "update_at": now})


def _erase(site: Site, channel: Doc) -> None:
    _drop_hooks(site, channel)
    for member in site.channel_members.where("channel", channel["id"]):
        site.channel_members.delete(f"{channel['id']}:{member['user_id']}")
    for post in site.posts.where("channel", channel["id"]):
        site.posts.delete(post["id"])
    site.channels.delete(channel["id"])


@routes.post("/channels/{channel_id}/restore")
def restore_channel(call: Call) -> Doc:
    """Bring an archived channel back."""
    site = call.site
    channel = site.channel(call.ident("channel_id"))
    if not has(site, call.me, "sysconsole_write_user_management_channels"):
        need_in_team(call, channel["team_id"], "manage_team")
    if not channel["delete_at"]:
        refuse("api.channel.restore_channel.restored.app_error")
    changed = channel | {"delete_at": 0, "update_at": site.now()}
    site.channels.put(channel["id"], changed)
    name = call.me["username"]
    note(site, changed, call.me, "channel_restored", f"{name} unarchived the channel.")
    return changed


@routes.post("/channels/{channel_id}/move")
def move_channel(call: Call) -> Doc:
    """Take a channel to another team."""
    site, props = call.site, call.loose()
    channel = site.channel(call.ident("channel_id"))
    if not isinstance(props.get("team_id"), str):
        bad_body("team_id")
    if not isinstance(props.get("force"), bool):
        bad_body("force")
    team = site.team(props["team_id"])
    if channel["type"] not in ("O", "P"):
        refuse("api.channel.move_channel.type.invalid", 403)
    need(call, "manage_system")
    for member in site.channel_members.where("channel", channel["id"]):
        key = f"{channel['id']}:{member['user_id']}"
        there = site.team_members.get(f"{team['id']}:{member['user_id']}")
        if site.user(member["user_id"])["delete_at"]:
            site.channel_members.delete(key)
        elif there is None or there["delete_at"]:
            if not props["force"]:
                raise AppError("app.channel.move_channel.members_do_not_match.error", 500)
            site.channel_members.delete(key)
    if site.channel_named(team["id"], channel["name"]) is not None:
        refuse(_TAKEN)
    moved = channel | {"team_id": team["id"], "update_at": site.now()}
    site.channels.put(channel["id"], moved)
    for hooks in (site.incoming, site.outgoing):
        for hook in hooks.where("channel", channel["id"]):
            hooks.put(hook["id"], hook | {"team_id": team["id"]})
    return moved
