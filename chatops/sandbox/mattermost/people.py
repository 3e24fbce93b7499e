"""People in lists: by page, by filter, by identifiers and names, by a search, counted."""

from collections.abc import Iterable

from chatops.sandbox.mattermost.accounts import profile
from chatops.sandbox.mattermost.errors import bad_body, bad_url, refuse
from chatops.sandbox.mattermost.permissions import (
    is_admin,
    member_roles,
    need,
    need_in_channel,
    need_in_team,
)
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call, Routes
from chatops.sandbox.mattermost.words import is_role_name, rank
from chatops.sandbox.store import Doc

routes = Routes()

_SORTS = {"", "last_activity_at", "create_at", "status", "admin", "display_name"}
_NEEDS_LICENCE = ("in_group", "not_in_group")
_SEARCHED = ("username", "first_name", "last_name", "nickname", "email")


def _profiles(call: Call, users: Iterable[Doc]) -> list[Doc]:
    admin = is_admin(call)
    return [profile(call.site, user, admin=admin) for user in users]


@routes.get("/users")
def list_users(call: Call) -> list[Doc]:
    """People by user name, the deactivated and the bots among them."""
    site, arg = call.site, call.arg
    if not call.query.keys() - {"page", "per_page"}:
        return _profiles(call, site.people_page(call.page * call.per_page, call.per_page))
    if arg("not_in_channel") and not arg("in_team"):
        bad_url("team_id")
    _check_sort(call)
    if call.flag("inactive") and call.flag("active"):
        bad_url("inactive")
    roles = _roles(call, "role", single=True) + _roles(call, "roles")
    team_roles = _roles(call, "team_roles") if arg("in_team") else []
    channel_roles = _roles(call, "channel_roles") if arg("in_channel") else []
    if any(arg(name) for name in _NEEDS_LICENCE):
        refuse("app.group.no_rows", 404)  # without a licence there are no groups
    found = _chosen(call)
    if roles or team_roles or channel_roles:
        found = [
            user
            for user in found
            if set(roles) & set(user["roles"].split())
            or _member_has(site, "team", arg("in_team"), user, team_roles)
            or _member_has(site, "channel", arg("in_channel"), user, channel_roles)
        ]
    if call.flag("inactive"):
        found = [user for user in found if user["delete_at"]]
    elif call.flag("active"):
        found = [user for user in found if not user["delete_at"]]
    return _profiles(call, call.cut(found))


def _chosen(call: Call) -> list[Doc]:
    """Those whom the first filter that is given leaves, in the order of the answer."""
    site, arg = call.site, call.arg
    if call.flag("without_team"):
        need(call, "list_users_without_team")
        return [u for u in site.people() if not site.team_members.count("user", u["id"])]
    if arg("not_in_channel"):
        channel_id, team_id = arg("not_in_channel"), arg("in_team")
        need_in_channel(call, channel_id, "read_channel")
        return [
            user
            for user in _in_team(site, team_id)
            if f"{channel_id}:{user['id']}" not in site.channel_members
        ]
    if arg("not_in_team"):
        need_in_team(call, arg("not_in_team"), "view_team")
        there = {
            member["user_id"] for member in site.team_members.where("team", arg("not_in_team"))
        }
        return [user for user in site.people() if user["id"] not in there]
    if arg("in_team"):
        need_in_team(call, arg("in_team"), "view_team")
        found = _in_team(site, arg("in_team"))
        if arg("sort") == "create_at":
            found.sort(key=lambda user: -user["create_at"])
        return found
    if arg("in_channel"):
        channel_id = arg("in_channel")
        need_in_channel(call, channel_id, "read_channel")
        members = site.channel_members.where("channel", channel_id)
        found = _by_name(site, (member["user_id"] for member in members))
        if arg("sort") == "admin":
            admins = {member["user_id"] for member in members if member["scheme_admin"]}
            found.sort(key=lambda user: user["id"] not in admins)
        return found
    return site.people()


def _check_sort(call: Call) -> None:
    arg, sort = call.arg, call.arg("sort")
    others = ("not_in_team", "in_channel", "not_in_channel", "without_team", *_NEEDS_LICENCE)
    if sort not in _SORTS:
        bad_url("sort")
    if sort in ("last_activity_at", "create_at") and (
        not arg("in_team") or any(arg(name) for name in others)
    ):
        bad_url("sort")
    if sort in ("status", "admin") and not arg("in_channel"):
        bad_url("sort")
    if sort == "display_name" and not arg("in_group"):
        bad_url("sort")


def _roles(call: Call, name: str, *, single: bool = False) -> list[str]:
    text = call.arg(name)
    if not text:
        return []
    wanted = [text] if single else [part.strip() for part in text.split(",") if part.strip()]
    blamed = {"channel_roles": "channelRoles", "team_roles": "teamRoles"}.get(name, name)
    if not all(is_role_name(role) and call.site.roles.find("name", role) for role in wanted):
        bad_body(blamed)
    return wanted


def _member_has(site: Site, kind: str, group_id: str, user: Doc, roles: list[str]) -> bool:
    members = site.team_members if kind == "team" else site.channel_members
    member = members.get(f"{group_id}:{user['id']}")
    return bool(member and set(roles) & set(member_roles(member)))


def _by_name(site: Site, idents: Iterable[str]) -> list[Doc]:
    found = [user for user in map(site.users.get, idents) if user is not None]
    return sorted(found, key=lambda user: rank(user["username"]))


def _in_team(site: Site, team_id: str) -> list[Doc]:
    return _by_name(site, (m["user_id"] for m in site.team_members.where("team", team_id)))


@routes.post("/users/ids")
def by_ids(call: Call) -> list[Doc]:
    """People by identifiers; those unknown are missing without a word."""
    wanted = call.strings("user_ids")
    since = call.arg("since")
    if since and not since.lstrip("-").isdigit():
        bad_body("since")
    found = _by_name(call.site, wanted)
    return _profiles(call, [u for u in found if not since or u["update_at"] > int(since)])


@routes.post("/users/usernames")
def by_usernames(call: Call) -> list[Doc]:
    """People by user names, as they are written."""
    found = (call.site.users.find("username", name) for name in call.strings("usernames"))
    users = [user for user in found if user is not None]
    return _profiles(call, sorted(users, key=lambda user: rank(user["username"])))


@routes.get("/users/known")
def known_users(call: Call) -> list[str]:
    """The identifiers of those who share a channel with the caller."""
    site = call.site
    mine = site.channel_members.where("user", call.my_id)
    known = {
        member["user_id"]
        for own in mine
        for member in site.channel_members.where("channel", own["channel_id"])
    }
    return sorted(known - {call.my_id})


@routes.post("/users/search")
def search_users(call: Call) -> list[Doc]:
    """People whose names begin with a term."""
    site = call.site
    shape = {
        "term": str, "team_id": str, "not_in_team_id": str, "in_channel_id": str,
        "not_in_channel_id": str, "in_group_id": str, "allow_inactive": bool,
        "without_team": bool, "limit": int, "role": str, "roles": list,
    }  # fmt: skip
    props = call.record("props", shape)
    limit = props.get("limit") or 100
    if not props.get("term"):
        bad_body("term")
    if not props.get("team_id") and props.get("not_in_channel_id"):
        bad_body("team_id")
    for key in ("in_channel_id", "not_in_channel_id"):
        if props.get(key):
            need_in_channel(call, props[key], "read_channel")
    for key in ("team_id", "not_in_team_id"):
        if props.get(key):
            need_in_team(call, props[key], "view_team")
    if not 0 < limit <= 1000:
        bad_body("limit")
    users = _in_team(site, props["team_id"]) if props.get("team_id") else site.people()
    found = []
    for user in users:
        if user["delete_at"] and not props.get("allow_inactive"):
            continue
        key = f"{props.get('in_channel_id')}:{user['id']}"
        if props.get("in_channel_id") and key not in site.channel_members:
            continue
        key = f"{props.get('not_in_channel_id')}:{user['id']}"
        if props.get("not_in_channel_id") and key in site.channel_members:
            continue
        if props.get("role") and props["role"] not in user["roles"].split():
            continue
        if _matches(user, props["term"]):
            found.append(user)
    return _profiles(call, found[:limit])


def _matches(user: Doc, term: str) -> bool:
    fields = [user[key].lower() for key in _SEARCHED]
    words = term.lower().replace("@", " ").split()
    return all(any(field.startswith(word) for field in fields) for word in words)


@routes.get("/users/autocomplete")
def autocomplete(call: Call) -> Doc:
    """People to offer while a name is typed."""
    site, name = call.site, call.arg("name")
    limit = min(call.number("limit", 100), 1000)
    if call.arg("in_channel"):
        need_in_channel(call, call.arg("in_channel"), "read_channel")
    if call.arg("in_team"):
        need_in_team(call, call.arg("in_team"), "view_team")
    if call.arg("in_channel") and not call.arg("in_team"):
        refuse("api.user.autocomplete_users.missing_team_id.app_error", 500)
    users = _in_team(site, call.arg("in_team")) if call.arg("in_team") else site.people()
    found = [user for user in users if not user["delete_at"] and _matches(user, name)]
    if not call.arg("in_channel"):
        return {"users": _profiles(call, found[:limit])}
    inside = [u for u in found if f"{call.arg('in_channel')}:{u['id']}" in site.channel_members]
    outside = [u for u in found if u not in inside]
    return {
        "users": _profiles(call, inside[:limit]),
        "out_of_channel": _profiles(call, outside[:limit]),
    }


@routes.get("/users/stats")
def stats(call: Call) -> Doc:
    """How many are active, bots counted."""
    bots = sum(1 for bot in call.site.bots.all() if not bot["delete_at"])
    return {"total_users_count": call.site.active_people + bots}


@routes.get("/users/stats/filtered")
def filtered_stats(call: Call) -> Doc:
    """How many of some kind there are."""
    site, arg = call.site, call.arg
    for name, blamed in (
        ("roles", "roles"),
        ("channel_roles", "channelRoles"),
        ("team_roles", "teamRoles"),
    ):
        if arg(name) and not all(is_role_name(role.strip()) for role in arg(name).split(",")):
            bad_body(blamed)
    need(call, "sysconsole_read_user_management_users")
    roles = {role.strip() for role in arg("roles").split(",") if role.strip()}
    count = 0
    for user in site.people():
        if user["delete_at"] and not call.flag("include_deleted"):
            continue
        if user.get("is_bot") and not call.flag("include_bots"):
            continue
        member = site.team_members.get(f"{arg('in_team')}:{user['id']}")
        if arg("in_team"):
            if member is None or member["delete_at"]:
                continue
        elif arg("in_channel") and f"{arg('in_channel')}:{user['id']}" not in site.channel_members:
            continue
        if roles and not roles & set(user["roles"].split()):
            continue
        count += 1
    return {"total_users_count": count}
