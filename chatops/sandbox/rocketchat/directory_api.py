"""Looking people up: lists, single accounts, searches, who is there."""

import json
import re
from typing import Any

from starlette.responses import Response

from chatops.sandbox.rocketchat import people
from chatops.sandbox.rocketchat.listing import Order, finder, only, ordered, words
from chatops.sandbox.rocketchat.people import from_params, shown_to
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.state import State, milliseconds
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
OUTSIDE = "API_Apply_permission_view-outside-room_on_users-list"
PRESENCE = words("_id username name status utcOffset statusText avatarETag")


def _may_list(call: Call) -> None:
    if call.state.settings[OUTSIDE] is True and not call.can("view-outside-room"):
        raise forbidden()


def search_fields(state: State) -> list[str]:
    """The fields that searches for people look at."""
    return [f.strip() for f in state.settings.text("Accounts_SearchFields").split(",") if f.strip()]


def found_by(user: Doc, pattern: "re.Pattern[str]", fields: list[str]) -> bool:
    """Whether a search finds somebody."""
    if any(isinstance(user.get(f), str) and pattern.search(user[f]) for f in fields):
        return True
    addresses = user.get("emails", ()) if "emails.address" in fields else ()
    return any(pattern.search(entry["address"]) for entry in addresses)


@routes.get("users.list", permissions=("view-d-room",))
def list_users(call: Call) -> Doc:
    """Everybody; `query` and `fields` are ignored without a word."""
    _may_list(call)
    order = call.sort({"username": 1})
    if "status" in order:
        order = {**order, "active": order["status"]}
    if "name" in order:
        order = {"nameInsensitive": order["name"], **order}
    page = call.page()
    fields = people.LIST_FIELDS
    if not call.can("view-full-other-user-info"):
        fields = tuple(field for field in fields if field not in people.LIMITED)
    people_found = _by_name(list(call.state.users.all()), order)
    docs = [
        {**only(user, fields), "nameInsensitive": (user.get("name") or "").lower()}
        for user in page.of(people_found)
    ]
    return page.answer("users", docs, len(people_found))


def _by_name(users: list[Doc], order: Order) -> list[Doc]:
    """People in an order; the made-up field for names counts only where it is asked for."""
    if "nameInsensitive" not in order:
        return ordered(users, order)
    named = [{**user, "nameInsensitive": (user.get("name") or "").lower()} for user in users]
    return ordered(named, order)


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@routes.get("users.listByStatus", permissions=("view-d-room",))
def list_by_status(call: Call) -> Doc:
    """Everybody of a status, a role, a search."""
    _may_list(call)
    query, full = call.query, call.can("view-full-other-user-info")
    active = {"active": True, "deactivated": False}.get(query.get("status", ""))
    logged_in = {"true": True, "false": False}.get(str(query.get("hasLoggedIn")))
    roles = _as_list(query["roles"]) if query.get("roles") else []
    reasons = _as_list(query["inactiveReason"]) if query.get("inactiveReason") else []
    term = query.get("searchTerm", "").strip()
    pattern = finder(term) if term else None
    fields = ["username", "name", *(["emails.address"] if full else [])]

    def wanted(user: Doc) -> bool:
        return (
            (active is None or user["active"] is active)
            and (logged_in is None or bool(user.get("lastLogin")) is logged_in)
            and (not query.get("type") or user["type"] == query["type"])
            and (not roles or any(role in user["roles"] for role in roles))
            and (not reasons or user.get("inactiveReason") in reasons)
            and (pattern is None or found_by(user, pattern, fields))
        )

    if not full and active is not True:
        raise forbidden()
    page = call.page()
    order = call.sort({"username": 1})
    found = ordered((user for user in call.state.users.all() if wanted(user)), order)
    shown = [
        {
            **only(user, [*people.LIST_FIELDS, "reason", "federated", "inactiveReason"]),
            "nameInsensitive": user.get("name", "").lower(),
        }
        for user in page.of(found)
    ]
    return page.answer("users", shown, len(found))


@routes.get("users.info")
def info(call: Call) -> Doc:
    """One person, by identifier or by the exact user name."""
    state, query = call.state, call.query
    user: Doc | None = None
    if query.get("userId"):
        user = state.user(query["userId"])
    elif query.get("username"):
        user = state.named(query["username"])
        user = user if user and user["username"] == query["username"] else None
    elif not query.get("importId"):
        raise failure("Invalid search query.")
    if user is None:
        raise failure("User not found.")
    own = user["_id"] == call.me["_id"]
    shown = shown_to(user, own or call.can("view-full-other-user-info"))
    if query.get("includeUserRooms") == "true" and (own or call.can("view-other-user-channels")):
        subs = ordered(state.subs_of(user["_id"]), {"t": 1, "name": 1})
        fields = words("_id rid name fname t roles unread federated")
        shown["rooms"] = [only(sub, fields) for sub in subs]
    return {"user": shown}


@routes.get("users.presence")
def presence(call: Call) -> Doc:
    """Those who are not offline."""
    state, ids = call.state, call.query.get("ids")
    if state.settings["Presence_broadcast_disabled"] is True:
        return {"users": [], "full": True}
    here = state.users.where("here", True)
    since = call.query.get("from")
    if ids:
        wanted = ids if isinstance(ids, list) else ids.split(",")
        return {"users": [only(u, PRESENCE) for u in here if u["_id"] in wanted], "full": False}
    try:
        recent = bool(since) and milliseconds(state.now()) - milliseconds(str(since)) < 600_000
    except ValueError:
        recent = False
    if recent:
        changed = [u for u in state.users.all() if u["_updatedAt"] > str(since)]
        others = [only(u, PRESENCE) for u in changed if u["_id"] != call.me["_id"]]
        return {"users": others, "full": False}
    return {"users": [only(user, PRESENCE) for user in here], "full": True}


def _named_or_me(call: Call) -> tuple[Doc, bool]:
    query = call.query
    named = query.get("userId") or query.get("username") or query.get("user")
    if not named or named in (call.me["_id"], call.me["username"]):
        return call.me, True
    return from_params(call.state, query), False


@routes.get("users.getStatus")
def get_status(call: Call) -> Doc:
    """The status of one person."""
    user, own = _named_or_me(call)
    more = {"connectionStatus": "offline"} if own else {}
    return {"_id": user["_id"], **more, "status": user["status"]}


@routes.get("users.getPresence")
def get_presence(call: Call) -> Doc:
    """The presence of one person."""
    user, own = _named_or_me(call)
    more: Doc = {"connectionStatus": "offline"} if own else {}
    if own and user.get("lastLogin"):
        more["lastLogin"] = user["lastLogin"]
    return {"presence": user["status"], **more}


@routes.get("users.autocomplete")
def autocomplete(call: Call) -> Doc:
    """People that begin so."""
    try:
        selector = json.loads(call.query["selector"])
    except ValueError as error:
        raise failure(f"Unexpected token in JSON: {error}") from None
    if not isinstance(selector, dict):
        selector = {}
    if not call.can("view-outside-room"):
        return {"items": []}
    pattern = finder(selector.get("term", ""))
    excluded = selector.get("exceptions") or []
    fields = search_fields(call.state)
    conditions = selector.get("conditions") or {}
    found = [
        user
        for user in call.state.users.all()
        if user["active"]
        and user["username"] not in excluded
        and all(user.get(key) == value for key, value in conditions.items())
        and (found_by(user, pattern, fields))
        and user["type"] == "user"
    ]
    limit = 20
    items = ordered(found, {"username": 1})[:limit]
    keys = words("_id name username nickname status avatarETag")
    return {"items": [only(user, keys) for user in items]}


@routes.get("users.listTeams")
def list_teams(call: Call) -> Doc:
    """The teams that somebody is in."""
    state, uid = call.state, call.query["userId"]
    teams = []
    for member in state.team_members.where("user", uid):
        team = state.team(member["teamId"])
        mine = state.team_members.find("member", (member["teamId"], call.me["_id"]))
        if team and (call.can("view-all-teams") or team["type"] == 0 or mine):
            teams.append({**team, "isOwner": "owner" in member.get("roles", ())})
    return {"teams": teams}


@routes.get("users.checkUsernameAvailability")
def check_username(call: Call) -> Doc:
    """Whether a user name may be taken."""
    state, username = call.state, call.query["username"]
    if username.lower() == call.me["username"].lower():
        return {"result": True}
    if not people.username_allowed(state, username):
        raise coded(
            "username-invalid",
            f"{username} is not a valid username, use only letters, numbers, dots, hyphens and "
            "underscores",
            method="setUsername",
        )
    return {"result": people.username_free(state, username)}


@routes.get("users.getPreferences")
def get_preferences(call: Call) -> Doc:
    """What somebody set for the client, if they ever did."""
    own = call.me.get("settings")
    if own is None:
        raise failure(
            "FAILED TO RETRIEVE USER PREFERENCES BECAUSE THEY HAVEN'T BEEN SET UP BY THE USER YET"
        )
    preferences = dict(own.get("preferences", {}))
    if call.me.get("language"):
        preferences["language"] = call.me["language"]
    return {"preferences": preferences}


@routes.get("users.getAvatar", login=False)
def get_avatar(call: Call) -> Response:
    """Where somebody's picture is."""
    user = from_params(call.state, call.query)
    address = f"{call.state.site_url}/avatar/{user['username']}"
    return Response(address, 307, {"Location": address}, media_type="text/plain")


@routes.get("users.getAvatarSuggestion")
def avatar_suggestion(_: Call) -> Doc:
    """No service is asked for pictures."""
    return {"suggestions": {}}


@routes.get("users.getUsernameSuggestion")
def username_suggestion(call: Call) -> Doc:
    """A free user name made of the full name."""
    wanted = re.sub(r"[^\w.-]+", ".", call.me.get("name") or "user").strip(".").lower() or "user"
    name, number = wanted, 0
    while call.state.named(name) and name != call.me["username"]:
        number += 1
        name = f"{wanted}-{number}"
    return {"result": name}


@routes.get("directory")
def directory(call: Call) -> Doc:
    """What can be found: channels unless people or teams are asked for."""
    state, query = call.state, call.query
    text, kind = query.get("text", ""), query.get("type", "channels")
    pattern = finder(text) if text else None
    if kind == "users":
        if not call.can("view-outside-room") or not call.can("view-d-room"):
            raise coded("error-no-permission", "You don't have permission to use the directory")
        fields = [*search_fields(state), "emails.address"]
        found = [
            user
            for user in state.users.all()
            if user["active"]
            and user["type"] in ("user", "bot")
            and (pattern is None or found_by(user, pattern, fields))
        ]
        keys = words("_id username name nickname bio createdAt emails avatarETag federated")
        docs = [only(user, keys) for user in ordered(found, call.sort({"name": 1}))]
    else:
        docs = _browse_rooms(call, pattern, teams=kind == "teams")
    page = call.page()
    return page.answer("result", page.of(docs), len(docs))


def _browse_rooms(call: Call, pattern: "re.Pattern[str] | None", teams: bool) -> list[Doc]:
    state, uid = call.state, call.me["_id"]
    if not call.can("view-c-room"):
        raise coded("error-no-permission", "You don't have permission to use the directory")
    keys = words(
        "_id t description topic name fname lastMessage ts archived default featured usersCount "
        "prid teamId federated"
    )
    found = []
    for room in [*state.rooms.where("kind", "c"), *state.rooms.where("kind", "p")]:
        member = state.sub(room["_id"], uid) is not None
        inside = bool(room.get("teamId")) and not room.get("teamMain")
        if (room["t"] == "p" or inside) and not member:
            continue
        if teams != bool(room.get("teamMain")) or (room.get("prid") and not member):
            continue
        names = (room.get("name"), room.get("fname"))
        if pattern is None or any(name and pattern.search(name) for name in names):
            shown = only(room, keys)
            if teams:
                shown["roomsCount"] = sum(
                    not r.get("teamMain") for r in state.rooms.where("team", room["teamId"])
                )
            found.append(shown)
    return ordered(found, call.sort({"featured": -1, "usersCount": -1}))


@routes.get("spotlight")
def spotlight(call: Call) -> Doc:
    """People and rooms for a text that begins with @ or #."""
    state, text = call.state, call.query["query"]
    sign, text = (text[:1], text[1:]) if text[:1] in "@#" else ("", text)
    if not text:
        return {"users": [], "rooms": []}
    pattern = finder(text)
    users = [
        only(user, words("_id name nickname username status statusText avatarETag"))
        for user in (ordered(state.users.all(), {"username": 1}) if sign != "#" else [])
        if user["active"] and found_by(user, pattern, search_fields(state))
    ]
    rooms_ = [
        only(room, words("_id name fname t prid teamMain"))
        for room in (ordered(state.rooms.where("kind", "c"), {"name": 1}) if sign != "@" else [])
        if pattern.search(room["name"]) and call.can("view-c-room")
    ]
    return {"users": users[:5], "rooms": rooms_[:5]}
