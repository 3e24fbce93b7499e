"""`rooms.*`: rooms of every kind, for their members and for administrators."""

import json
from typing import Any

from chatops.sandbox.rocketchat import membership_api, messages, room_settings, rooms
from chatops.sandbox.rocketchat.family_api import filtered_members
from chatops.sandbox.rocketchat.listing import finder, only, ordered, without, words
from chatops.sandbox.rocketchat.messages import unseen
from chatops.sandbox.rocketchat.people import from_params
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden, not_found
from chatops.sandbox.rocketchat.room_lookup import any_room
from chatops.sandbox.rocketchat.setters_api import archive
from chatops.sandbox.rocketchat.state import moment, short_id
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
FOUND = words("_id fname name t avatarETag")
RANKS = {"owner": 0, "moderator": 1}


def _seen(call: Call, room: Doc) -> bool:
    return rooms.can_access(call.state, call.rights, room, call.me)


@routes.get("rooms.info")
def info(call: Call) -> Doc:
    """One room that the caller may see."""
    state, room = call.state, any_room(call, call.query)
    if not _seen(call, room):
        raise failure("not-allowed", "Not Allowed")
    answer: Doc = {"room": rooms.shown(room)}
    parent = state.room(room.get("prid"))
    team = state.team(room.get("teamId"))
    if team:
        answer["team"] = only(team, ("_id", "name", "roomId", "type"))
        main = state.room(team["roomId"])
        if main and not room.get("teamMain"):
            parent = parent or main
    if parent:
        answer["parent"] = only(parent, ("_id", "name", "fname", "t", "prid", "u"))
    return answer


@routes.get("rooms.get")
def get(call: Call) -> Doc:
    """The caller's rooms, or those that changed since."""
    state, since = call.state, _since(call, "error-updatedSince-param-invalid")
    found = [state.room(sub["rid"]) for sub in state.subs_of(call.me["_id"])]
    update = [rooms.shown(r) for r in found if r and r["_updatedAt"] > since]
    return {"update": update, "remove": []}


def _since(call: Call, code: str) -> str:
    since = call.query.get("updatedSince", "")
    if since:
        try:
            moment(since)
        except ValueError:
            raise coded(code, 'The "updatedSince" query parameter must be a valid date.') from None
    return str(since)


@routes.get("rooms.nameExists")
def name_exists(call: Call) -> Doc:
    """Whether a name is taken by a room."""
    return {"exists": call.state.room_named(call.query["roomName"]) is not None}


@routes.get("rooms.adminRooms")
def admin_rooms(call: Call) -> Doc:
    """Every room, by kind and by name."""
    state, query = call.state, call.query
    if not call.can("view-room-administration"):
        raise failure("error-not-authorized")
    asked = query.get("types") or []
    asked = asked if isinstance(asked, list) else [asked]
    discussions, teams = "discussions" in asked, "teams" in asked
    text = str(query.get("filter") or "").strip()
    pattern = finder(text) if text else None

    def wanted(room: Doc) -> bool:
        inner, main = bool(room.get("prid")), bool(room.get("teamMain"))
        if (inner and not discussions) or (main and not teams):
            return False
        if asked and not (room["t"] in asked or inner or main):
            return False
        names = [room.get("name"), room.get("fname"), *room.get("usernames", ())]
        return pattern is None or any(name and pattern.search(name) for name in names)

    found = [room for room in state.rooms.all() if wanted(room)]
    page = call.page()
    docs = page.of(ordered(found, call.sort({"default": -1, "name": 1})))
    return page.answer("rooms", [only(room, rooms.ADMIN_FIELDS) for room in docs], len(found))


@routes.get("rooms.adminRooms.getRoom")
def admin_room(call: Call) -> Doc:
    """One room, whoever is in it."""
    if not call.can("view-room-administration"):
        raise failure("error-not-authorized")
    room = call.state.room(call.query.get("rid"))
    if room is None:
        raise failure("not-allowed", "Not Allowed")
    return only(room, rooms.ADMIN_FIELDS)


def _selector(call: Call) -> str:
    text = call.query.get("selector")
    if not text:
        raise failure("The 'selector' param is required")
    try:
        selector = json.loads(text)
    except ValueError as error:
        raise failure(f"Unexpected token in JSON: {error}") from None
    return str(selector.get("name", "")) if isinstance(selector, dict) else ""


@routes.get("rooms.autocomplete.adminRooms")
def autocomplete_admin(call: Call) -> Doc:
    """Rooms that begin so."""
    if not call.can("view-room-administration", "can-audit"):
        raise failure("error-not-authorized")
    pattern = finder(_selector(call), start=True)
    found = [
        room
        for room in call.state.rooms.all()
        if any(pattern.search(name) for name in (room.get("name"), room.get("fname")) if name)
    ]
    return {"items": [only(r, [*FOUND, "encrypted"]) for r in ordered(found, {"name": 1})[:10]]}


def _own_rooms(call: Call, name: str) -> list[Doc]:
    pattern = finder(name, start=True)
    found = [call.state.room(sub["rid"]) for sub in call.state.subs_of(call.me["_id"])]
    return [
        room
        for room in found
        if room and room["t"] in "cp" and not room.get("prid") and pattern.search(room["name"])
    ]


@routes.get("rooms.autocomplete.channelAndPrivate")
def autocomplete(call: Call) -> Doc:
    """The caller's rooms that begin so."""
    found = ordered(_own_rooms(call, _selector(call)), {"name": 1})[:10]
    return {"items": [only(room, FOUND) for room in found]}


@routes.get("rooms.autocomplete.channelAndPrivate.withPagination")
def autocomplete_paged(call: Call) -> Doc:
    """The same by page."""
    found = ordered(_own_rooms(call, _selector(call)), call.sort({"name": 1}))
    docs = [only(room, FOUND) for room in call.page().of(found)]
    return {"items": docs, "total": len(found)}


@routes.get("rooms.autocomplete.availableForTeams")
def autocomplete_for_teams(call: Call) -> Doc:
    """Rooms that the caller owns and that are in no team."""
    state, name = call.state, call.query.get("name", "")
    if not isinstance(name, str):
        raise failure("The 'name' param is invalid")
    found = []
    for room in _own_rooms(call, name):
        sub = state.sub(room["_id"], call.me["_id"])
        if sub and "owner" in sub.get("roles", ()) and not room.get("teamId"):
            found.append(only(room, FOUND))
    return {"items": ordered(found, {"name": 1})[:10]}


@routes.post("rooms.saveRoomSettings")
def save_room_settings(call: Call) -> Doc:
    """Change many things of a room at once; the same value again is fine."""
    wanted = without(call.body, "rid")
    rid = call.body.get("rid")
    return {"rid": room_settings.save(call.state, call.rights, call.me, rid, wanted)["_id"]}


@routes.post("rooms.changeArchivationState")
def change_archivation(call: Call) -> None:
    """Archive a room, or bring it back: anything but "archive" does."""
    rid = call.body.get("rid")
    if not isinstance(rid, str):
        got = "undefined" if "rid" not in call.body else rooms.json_kind(rid)
        raise failure(f"Match error: Expected string, got {got}")
    archive(call, call.state.room(rid), call.body.get("action") == "archive")


@routes.post("rooms.delete")
def delete(call: Call) -> None:
    """Delete a room of any kind."""
    rid = call.body.get("roomId")
    if not rid:
        raise failure("The 'roomId' param is required")
    rooms.erase(call.state, call.rights, call.state.room(rid), call.me)


@routes.post("rooms.leave")
def leave(call: Call) -> None:
    """Leave a room."""
    membership_api.leave_room(call, any_room(call, call.body))


@routes.post("rooms.favorite")
def favorite(call: Call) -> None:
    """Mark a room."""
    if "favorite" not in call.body:
        raise failure("The 'favorite' param is required")
    room = any_room(call, call.body)
    sub = call.state.sub(room["_id"], call.me["_id"])
    if sub is None:
        raise coded(
            "error-invalid-subscription",
            "You must be part of a room to favorite it",
            method="toggleFavorite",
        )
    call.state.save_sub({**sub, "f": bool(call.body["favorite"])})


@routes.post("rooms.saveNotification")
def save_notification(call: Call) -> None:
    """What a member wants to be told of."""
    rid, wanted = call.body.get("roomId"), call.body.get("notifications")
    if not rid:
        raise failure("The 'roomId' param is required")
    if not wanted or not isinstance(wanted, dict):
        raise failure("The 'notifications' param is required")
    sub = call.state.sub(rid, call.me["_id"])
    if sub is None:
        raise coded("error-invalid-subscription", "Invalid subscription", method="saveNotification")
    call.state.save_sub({**sub, **{key: value == "1" or value for key, value in wanted.items()}})


@routes.get("rooms.isMember")
def is_member(call: Call) -> Doc:
    """Whether somebody is in a room."""
    state, query = call.state, call.query
    room = any_room(call, query)
    user = state.user(query.get("userId")) or state.named(query.get("username"))
    if user is None:
        raise failure("error-user-not-found")
    if not _seen(call, room):
        raise forbidden()
    return {"isMember": state.sub(room["_id"], user["_id"]) is not None}


@routes.get("rooms.membersOrderedByRole")
def members_by_role(call: Call) -> Doc:
    """The active people of a room with their roles there, owners first."""
    state, query = call.state, call.query
    room = state.room(query.get("roomId")) or state.room_named(query.get("roomName"))
    if room is None or not _seen(call, room):
        raise not_found(
            'The required "roomId" or "roomName" param provided does not match any room'
        )
    if room["t"] not in "cp":
        raise failure("error-room-type-not-supported")
    if room.get("broadcast") and not call.can("view-broadcast-member-list", rid=room["_id"]):
        raise forbidden()
    found = []
    for user in filtered_members(call, room):
        sub = state.sub(room["_id"], user["_id"])
        roles = (sub or {}).get("roles") or []
        rank = min((RANKS.get(role, 2) for role in roles), default=2)
        found.append((rank, user["username"], user, sub, roles))
    direction = call.sort({}).get("username", 1)
    found.sort(key=lambda entry: entry[1].encode(), reverse=direction == -1)
    found.sort(key=lambda entry: entry[0])
    page = call.page()
    docs = []
    for _, _, user, sub, roles in found[page.offset :][: page.count or None]:
        keys = words("_id username name nickname status avatarETag _updatedAt federated")
        kept = only(sub, ("_id", "ts", "roles")) if sub else {}
        shown = {"roles": roles} if roles else {}
        docs.append({**only(user, keys), **shown, "subscription": kept})
    return page.answer("members", docs, len(found))


@routes.post("rooms.createDiscussion")
def create_discussion(call: Call) -> Doc:
    """A room inside another. Twice the same makes two."""
    state, body = call.state, call.body
    for field in ("prid", "t_name"):
        if not body.get(field):
            raise failure(f'Body parameter "{field}" is required.')
    users = body.get("users") or []
    if not isinstance(users, list):
        raise failure('Body parameter "users" must be an array.')
    if not isinstance(body.get("encrypted"), bool | None):
        raise failure('Body parameter "encrypted" must be a boolean when included.')
    details = {"method": "DiscussionCreation"}
    if state.settings["Discussion_enabled"] is not True:
        raise coded("error-action-not-allowed", "You are not allowed to create a discussion")
    parent = state.room(body["prid"])
    if parent is None:
        raise coded("error-invalid-room", "Invalid room", **details)
    if parent.get("prid"):
        raise coded("error-nested-discussion", "Cannot create nested discussions", **details)
    if not _seen(call, parent) or not call.can(
        "start-discussion", "start-discussion-other-user", rid=parent["_id"]
    ):
        raise coded("error-action-not-allowed", "You are not allowed to create a discussion")
    extra: dict[str, Any] = {"prid": parent["_id"], "encrypted": bool(body.get("encrypted"))}
    if body.get("topic"):
        extra["topic"] = body["topic"]
    kind = parent["t"] if parent["t"] in "cp" else "p"
    room = rooms.create(state, kind, body["t_name"], call.me, users, False, extra)
    room |= {"name": short_id(), "fname": body["t_name"]}
    state.save_room(room)
    for sub in state.subs.where("room", room["_id"]):
        state.save_sub({**sub, "name": room["name"], "fname": room["fname"]})
    messages.system(state, parent, "discussion-created", room["fname"], call.me, drid=room["_id"])
    return {"discussion": {**rooms.shown(room), "rid": room["_id"]}}


@routes.get("rooms.getDiscussions")
def get_discussions(call: Call) -> Doc:
    """The discussions of a room."""
    room = any_room(call, call.query)
    if not _seen(call, room):
        raise failure("not-allowed", "Not Allowed")
    found = call.state.rooms.where("parent", room["_id"])
    page = call.page()
    docs = [rooms.shown(r) for r in page.of(ordered(found, call.sort({"fname": 1})))]
    return page.answer("discussions", docs, len(found))


def _mute(call: Call, mute: bool) -> None:
    state, room = call.state, any_room(call, call.body)
    user, method = from_params(state, call.body), "muteUserInRoom" if mute else "unmuteUserInRoom"
    if not call.can("mute-user", rid=room["_id"]):
        raise coded("error-not-allowed", "Not allowed", method=method)
    if not state.sub(room["_id"], user["_id"]):
        raise coded("error-user-not-in-room", "User is not in this room", method=method)
    kept = [name for name in room.get("muted", ()) if name != user["username"]]
    room["muted"] = kept + ([user["username"]] if mute else [])
    kind = "user-muted" if mute else "user-unmuted"
    messages.system(state, room, kind, user["username"], call.me)


@routes.post("rooms.muteUser")
def mute_user(call: Call) -> None:
    """Let somebody only read in a room."""
    _mute(call, True)


@routes.post("rooms.unmuteUser")
def unmute_user(call: Call) -> None:
    """Let somebody write again."""
    _mute(call, False)


@routes.get("subscriptions.get")
def subscriptions(call: Call) -> Doc:
    """The caller's memberships, or those that changed since."""
    state, since = call.state, _since(call, "error-roomId-param-invalid")
    update = []
    for sub in state.subs_of(call.me["_id"]):
        if sub["_updatedAt"] > since:
            room = state.room(sub["rid"])
            update.append({**sub, "alert": sub["alert"] or bool(room and unseen(room, sub))})
    return {"update": update, "remove": []}


@routes.get("subscriptions.getOne")
def subscription(call: Call) -> Doc:
    """The caller's membership of one room."""
    rid = call.query.get("roomId")
    if not rid:
        raise coded("error-invalid-params", "The 'roomId' param is required")
    return {"subscription": call.state.sub(rid, call.me["_id"])}


@routes.post("subscriptions.read")
def subscription_read(call: Call) -> None:
    """The caller has seen what there is."""
    state, rid = call.state, call.body.get("rid") or call.body.get("roomId")
    room = state.room(rid)
    if room is None:
        raise coded("error-invalid-subscription", "Invalid subscription")
    sub = state.sub(room["_id"], call.me["_id"])
    if sub:
        state.save_sub({**sub, "ls": state.now(), "alert": False, "unread": 0, "userMentions": 0})


@routes.post("subscriptions.unread")
def subscription_unread(call: Call) -> None:
    """The caller wants to see it as new."""
    sub = call.state.sub(str(call.body.get("roomId")), call.me["_id"])
    if sub is None:
        raise coded("error-action-not-allowed", "Not allowed", method="unreadMessages")
    call.state.save_sub({**sub, "alert": True})
