"""Who belongs to a channel."""

import json

from chatops.sandbox.mattermost.errors import AppError, bad_body, forbidden, refuse
from chatops.sandbox.mattermost.membership import (
    TOWN_SQUARE,
    add_to_channel,
    channel_member_view,
    explicit_roles,
    remove_from_channel,
    scheme_roles,
)
from chatops.sandbox.mattermost.permissions import (
    has_in_channel,
    has_in_team,
    need,
    need_in_channel,
    need_in_team,
    need_user,
)
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_id, is_user_roles, new_id
from chatops.sandbox.store import Doc

routes = Routes()
# Setting a channel's members exactly came with 11.6.1.
exact_routes = Routes()

MAXIMUM_LIST = 1000


@routes.get("/channels/{channel_id}/members")
def list_members(call: Call) -> list[Doc]:
    """Members in no promised order, the deactivated among them."""
    channel_id = call.ident("channel_id")
    need_in_channel(call, channel_id, "read_channel")
    members = call.site.channel_members.where("channel", channel_id)
    return [channel_member_view(member, call.my_id) for member in call.cut(members)]


@routes.post("/channels/{channel_id}/members")
def add_members(call: Call) -> Reply:
    """Add one person or a list. Of a list, those who cannot be added are missing in the answer."""
    site, channel_id, props = call.site, call.ident("channel_id"), call.loose()
    wanted = _wanted(props)
    root_id = props.get("post_root_id")
    if isinstance(root_id, str) and root_id:
        post = site.posts.get(root_id) if is_id(root_id) else bad_body("post_root_id")
        if post is None:
            refuse("app.post.get.app_error", 404)
        if post["channel_id"] != channel_id:
            bad_body("post_root_id")
    channel = site.channel(channel_id)
    if channel["type"] not in ("O", "P"):
        refuse("api.channel.add_user_to_channel.type.app_error")
    if channel["type"] == "P":
        need_in_channel(call, channel_id, "manage_private_channel_members")
    added: list[Doc] = []
    problem: AppError | None = None
    for user_id in wanted:
        try:
            _may_add(call, channel, user_id)
            added.append(add_to_channel(site, channel, user_id, call.me))
        except AppError as error:
            problem = error
    if problem is not None and not added:
        raise problem
    views = [channel_member_view(member, call.my_id) for member in added]
    if len(views) == 1 and views[0]["user_id"] == props.get("user_id"):
        return Reply(views[0], 201)
    return Reply(views or None, 201)


def _wanted(props: Doc) -> list[str]:
    listed = props.get("user_ids")
    if isinstance(listed, list):
        if len(listed) > MAXIMUM_LIST:
            bad_body("user_ids")
        if not all(isinstance(ident, str) and is_id(ident) for ident in listed):
            bad_body("user_id in user_ids")
        return listed
    single = props.get("user_id")
    if not isinstance(single, str) or not is_id(single):
        bad_body("user_id or user_ids")
    return [single]


def _may_add(call: Call, channel: Doc, user_id: str) -> None:
    if channel["type"] != "O":
        return
    site, me = call.site, call.me
    if user_id == call.my_id:
        there = f"{channel['id']}:{user_id}" in site.channel_members
        if not there and not has_in_team(site, me, channel["team_id"], "join_public_channels"):
            forbidden()
    elif not has_in_channel(site, me, channel["id"], "manage_public_channel_members"):
        forbidden()


@routes.post("/channels/{channel_id}/members/ids")
def members_by_ids(call: Call) -> list[Doc]:
    """Memberships of some people; those who have none are missing without a word."""
    channel_id = call.ident("channel_id")
    wanted = call.strings("user_ids")
    need_in_channel(call, channel_id, "read_channel")
    found = (call.site.channel_members.get(f"{channel_id}:{user_id}") for user_id in wanted)
    return [channel_member_view(member, call.my_id) for member in found if member]


def _member(call: Call, channel_id: str, user_id: str) -> Doc:
    return call.site.channel_members.get(f"{channel_id}:{user_id}") or refuse(
        "app.channel.get_member.missing.app_error", 404
    )


@routes.get("/channels/{channel_id}/members/{user_id}")
def get_member(call: Call) -> Doc:
    """One membership."""
    channel_id, user_id = call.ident("channel_id"), call.ident("user_id")
    need_in_channel(call, channel_id, "read_channel")
    return channel_member_view(_member(call, channel_id, user_id), call.my_id)


@routes.delete("/channels/{channel_id}/members/{user_id}")
def remove_member(call: Call) -> Doc:
    """Remove somebody, or leave."""
    site, channel_id, user_id = call.site, call.ident("channel_id"), call.ident("user_id")
    channel = site.channel(channel_id)
    user = site.user(user_id)
    if channel["type"] not in ("O", "P"):
        refuse("api.channel.remove_channel_member.type.app_error")
    if channel["group_constrained"] and user_id != call.my_id and not user.get("is_bot"):
        refuse("api.channel.remove_member.group_constrained.app_error")
    if user_id != call.my_id:
        kind = "public" if channel["type"] == "O" else "private"
        need_in_channel(call, channel_id, f"manage_{kind}_channel_members")
    remove_from_channel(site, channel, user, call.me)
    return OK


@routes.put("/channels/{channel_id}/members/{user_id}/roles")
def member_roles(call: Call) -> Doc:
    """Replace the roles of a membership by names."""
    channel_id, user_id = call.ident("channel_id"), call.ident("user_id")
    wanted = call.texts().get("roles", "")
    if not is_user_roles(wanted):
        bad_body("roles")
    need_in_channel(call, channel_id, "manage_channel_roles")
    changed = explicit_roles(call.site, _member(call, channel_id, user_id), wanted, "channel")
    call.site.channel_members.put(f"{channel_id}:{user_id}", changed)
    return OK


@routes.put("/channels/{channel_id}/members/{user_id}/schemeRoles")
def member_scheme_roles(call: Call) -> Doc:
    """Make somebody an administrator of a channel, or no longer."""
    channel_id, user_id = call.ident("channel_id"), call.ident("user_id")
    shape = {"scheme_admin": bool, "scheme_user": bool, "scheme_guest": bool}
    given = call.record("scheme_roles", shape)
    need_in_channel(call, channel_id, "manage_channel_roles")
    changed = scheme_roles(_member(call, channel_id, user_id), given, "channel")
    call.site.channel_members.put(f"{channel_id}:{user_id}", changed)
    return OK


@routes.put("/channels/{channel_id}/members/{user_id}/notify_props")
def member_notify_props(call: Call) -> Doc:
    """What somebody wants to be told of a channel."""
    channel_id, user_id = call.ident("channel_id"), call.ident("user_id")
    props = call.texts()
    need_user(call, user_id)
    member = _member(call, channel_id, user_id)
    changed = member | {"notify_props": member["notify_props"] | props}
    call.site.channel_members.put(f"{channel_id}:{user_id}", changed)
    return OK


@routes.get("/users/{user_id}/teams/{team_id}/channels/members")
def memberships_in_team(call: Call) -> list[Doc]:
    """Somebody's channel memberships in a team, direct and group messages with them."""
    site, user_id, team_id = call.site, call.ident("user_id"), call.ident("team_id")
    need_in_team(call, team_id, "view_team")
    if user_id != call.my_id:
        need_in_team(call, team_id, "manage_system")
    return [
        channel_member_view(member, call.my_id)
        for member in site.channel_members.where("user", user_id)
        if (channel := site.channels.get(member["channel_id"])) is not None
        and channel["team_id"] in (team_id, "")
        and not channel["delete_at"]
    ]


@routes.get("/users/{user_id}/channel_members")
def memberships_of_user(call: Call) -> Reply:
    """Somebody's channel memberships in all teams. Page -1 gives them all, one a line."""
    site, user_id = call.site, call.ident("user_id")
    need_user(call, user_id)
    members = site.channel_members.where("user", user_id)
    members.sort(key=lambda member: str(member["channel_id"]))
    rows = []
    for member in members:
        channel = site.channel(member["channel_id"])
        team = site.teams.get(channel["team_id"]) or {}
        rows.append(
            channel_member_view(member, call.my_id)
            | {
                "team_display_name": team.get("display_name", ""),
                "team_name": team.get("name", ""),
                "team_update_at": team.get("update_at", 0),
            }
        )
    page = call.number("page", 0, lowest=-(1 << 31))
    if page < 0:
        if not rows:
            refuse("app.channel.get_member.missing.app_error", 404)
        lines = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
        return Reply(lines.encode(), 200, {}, "application/x-ndjson")
    return Reply(list(call.cut(rows)))


@routes.post("/channels/members/{user_id}/view")
def view_channel(call: Call) -> Doc:
    """Look at a channel."""
    site, user_id = call.site, call.ident("user_id")
    need_user(call, user_id)
    given = call.record("channel_view", {"channel_id": str, "prev_channel_id": str})
    channel_id = given.get("channel_id", "")
    if channel_id and not is_id(channel_id):
        bad_body("channel_view.channel_id")
    member = site.channel_members.get(f"{channel_id}:{user_id}")
    times = {}
    if member is not None:
        now = times[channel_id] = site.now()
        channel = site.channel(channel_id)
        seen = {"last_viewed_at": now, "mention_count": 0, "mention_count_root": 0}
        seen |= {"msg_count": channel["total_msg_count"]}
        seen |= {"msg_count_root": channel["total_msg_count_root"]}
        site.channel_members.put(f"{channel_id}:{user_id}", member | seen)
    return {"status": "OK", "last_viewed_at_times": times}


@exact_routes.at("PUT", "/channels/{channel_id}/members", files=True)
def set_members(call: Call) -> Reply:
    """Make a channel's members exactly these, one line of the answer per batch."""
    site, channel_id = call.site, call.ident("channel_id")
    given = call.record("members", {"members": list, "channel_admins": list})
    if "members" not in given:
        bad_body("members")
    wanted = list(dict.fromkeys(given["members"]))
    admins = given.get("channel_admins")
    if not all(isinstance(ident, str) and is_id(ident) for ident in [*wanted, *(admins or [])]):
        bad_body("members")
    need(call, "manage_system")
    channel = site.channel(channel_id)
    if channel["type"] not in ("O", "P"):
        refuse("api.channel.set_channel_members.type.app_error")
    if channel["group_constrained"]:
        refuse("api.channel.set_channel_members.group_constrained.app_error")
    if channel["type"] == "P" and not wanted:
        refuse("api.channel.set_channel_members.empty_private_channel.app_error")
    present = [m["user_id"] for m in site.channel_members.where("channel", channel_id)]
    added, removed, errors = [], [], []
    for user_id in [*wanted, *(ident for ident in present if ident not in wanted)]:
        try:
            if user_id not in wanted:
                if channel["name"] != TOWN_SQUARE:
                    remove_from_channel(site, channel, site.user(user_id), call.me)
                    removed.append(user_id)
            elif user_id not in present:
                add_to_channel(site, channel, user_id, call.me)
                added.append(user_id)
        except AppError as error:
            body = error.body(new_id())
            errors.append({"user_id": user_id, "id": body["id"], "error": body["message"]})
    if admins is not None:
        for member in site.channel_members.where("channel", channel_id):
            key = f"{channel_id}:{member['user_id']}"
            is_admin = member["user_id"] in admins
            site.channel_members.put(key, member | {"scheme_admin": is_admin})
    line = json.dumps({"added": added, "removed": removed, "errors": errors})
    return Reply((line + "\n").encode(), 200, {}, "application/x-ndjson")
