"""`im.*` and `dm.*`: rooms between people."""

from typing import Any

from chatops.sandbox.rocketchat import room_settings, rooms
from chatops.sandbox.rocketchat.directory_api import found_by, search_fields
from chatops.sandbox.rocketchat.family_api import (
    history,
    messages_page,
    page_of_rooms,
)
from chatops.sandbox.rocketchat.listing import finder, only, ordered, words
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.state import State, long_id
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
MEMBER = words("_id username name status statusText utcOffset federated")


def both(name: str) -> tuple[str, str]:
    """The two names of each endpoint."""
    return f"im.{name}", f"dm.{name}"


def between(state: State, people: list[Doc]) -> Doc:
    """The room of these people, made if there is none."""
    uids = sorted(user["_id"] for user in people)
    room = state.rooms.find("people", tuple(uids))
    if room:
        return room
    now = state.now()
    names = [user["username"] for user in people]
    room = {"_id": "".join(uids) if len(uids) == 2 else long_id(), "t": "d"}
    room |= {"usernames": names, "usersCount": 0, "msgs": 0, "ts": now, "uids": uids}
    room |= {"default": False, "ro": False, "sysMes": True, "_USERNAMES": names}
    state.rooms.put(room["_id"], room)
    for user in people:
        others = [other for other in people if other is not user] or [user]
        sub = rooms.subscribe(state, room, user)
        sub["name"] = ", ".join(sorted(other["username"] for other in others))
        sub["fname"] = ", ".join(sorted(other.get("name") or "" for other in others))
        state.save_sub(sub)
    return room


@routes.post(*both("create"))
def create(call: Call) -> Doc:
    """A room with others. Names nobody bears are left out, so it can end up with oneself alone."""
    state, body = call.state, call.body
    wanted = [body["username"]] if "username" in body else body["usernames"].split(",")
    excluded = bool(body.get("excludeSelf"))
    if excluded and not call.can("view-room-administration"):
        raise coded("error-not-allowed", "Not allowed", method="createDirectMessage")
    if not call.can("create-d"):
        raise coded("error-not-allowed", "Not allowed", method="createDirectMessage")
    found = [state.named(name.strip()) for name in wanted]
    people = [user for user in found if user]
    if not excluded:
        people = [call.me, *people]
    people = list({user["_id"]: user for user in people}.values())
    if not people:
        raise coded("error-invalid-user", "Invalid user", method="createDirectMessage")
    if len(people) > state.settings.number("DirectMesssage_maxUsers"):
        raise coded(
            "error-direct-message-max-user-exceeded",
            "You cannot add more than "
            f"{state.settings.number('DirectMesssage_maxUsers')} users to a direct message",
            method="createDirectRoom",
        )
    room = between(state, people)
    rid = room["_id"]
    names = [user["username"] for user in people]
    return {"room": {"t": "d", "rid": rid, "usernames": names, "_id": rid}}


def _find(call: Call, params: dict[str, Any]) -> Doc:
    state = call.state
    if "roomId" not in params and "username" not in params:
        raise coded(
            "error-room-param-not-provided", 'Query param "roomId" or "username" is required'
        )
    room = state.room(params.get("roomId"))
    other = state.named(params.get("username"))
    if room is None and other:
        room = between(state, list({u["_id"]: u for u in (call.me, other)}.values()))
    if room is None or room["t"] != "d":
        raise coded(
            "error-room-not-found",
            'The required "roomId" param provided does not match any direct message',
        )
    return room


def mine(call: Call, params: dict[str, Any]) -> Doc:
    """A direct room that the caller is in."""
    room = _find(call, params)
    if not call.state.sub(room["_id"], call.me["_id"]):
        raise forbidden()
    return room


def _needed(call: Call) -> str:
    rid = call.body.get("roomId")
    if not rid:
        raise coded("error-room-param-not-provided", 'Body param "roomId" is required')
    return str(rid)


@routes.get(*both("list"))
def listmine(call: Call) -> Doc:
    """The caller's direct rooms."""
    found = [call.state.room(sub["rid"]) for sub in call.state.subs_of(call.me["_id"])]
    direct = [room for room in found if room and room["t"] == "d"]
    return page_of_rooms(call, "ims", direct, {"name": 1})


@routes.get(*both("list.everyone"), permissions=("view-room-administration",))
def list_everyone(call: Call) -> Doc:
    """All direct rooms."""
    return page_of_rooms(call, "ims", call.state.rooms.where("kind", "d"), {"name": 1})


@routes.get(*both("members"))
def members(call: Call) -> Doc:
    """Who is in a direct room."""
    state, room = call.state, mine(call, call.query)
    text = call.query.get("filter")
    pattern, fields = finder(text or ""), search_fields(state)
    found = [
        user
        for user in (state.user(uid) for uid in room["uids"])
        if user and user["active"] and (not text or found_by(user, pattern, fields))
    ]
    page = call.page()
    docs = []
    for user in page.of(ordered(found, {"_updatedAt": -1})):
        sub = state.sub(room["_id"], user["_id"])
        kept = {"_id": sub["_id"], "ts": sub["ts"]} if sub else {}
        docs.append({**only(user, MEMBER), "subscription": kept})
    return page.answer("members", docs, len(found))


@routes.get(*both("messages"))
def messages(call: Call) -> Doc:
    """The messages of a direct room."""
    return messages_page(call, mine(call, call.query))


@routes.get(*both("history"))
def direct_history(call: Call) -> Doc:
    """What was said in a direct room."""
    return history(call, mine(call, call.query))


@routes.get(*both("messages.others"))
def messages_of_others(call: Call) -> Doc:
    """The messages of a room that one is not in: off unless a setting allows it."""
    if call.state.settings["API_Enable_Direct_Message_History_EndPoint"] is not True:
        raise coded(
            "error-endpoint-disabled",
            "This endpoint is disabled",
            route="/api/v1/im.messages.others",
        )
    if not call.can("view-room-administration"):
        raise forbidden()
    rid = call.query.get("roomId")
    if not rid:
        raise coded("error-roomid-param-not-provided", 'The parameter "roomId" is required')
    room = call.state.room(rid)
    if room is None or room["t"] != "d":
        raise coded("error-room-not-found", f"No direct message room found by the id of: {rid}")
    return messages_page(call, room)


@routes.get(*both("counters"))
def counters(call: Call) -> Doc:
    """How much is new in a direct room."""
    if not call.query.get("roomId"):
        raise coded("error-room-param-not-provided", 'Query param "roomId" is required')
    access, other = call.can("view-room-administration"), call.query.get("userId")
    if other and not access:
        raise forbidden()
    room = _find(call, call.query)
    sub = call.state.sub(room["_id"], other or call.me["_id"])
    if sub is None:
        raise forbidden()
    doc: Doc = dict.fromkeys(("members", "unreads", "unreadsFrom", "msgs", "latest"))
    doc |= {"joined": bool(sub["open"]), "userMentions": sub["userMentions"]}
    doc |= {"msgs": room["msgs"], "members": room["usersCount"]}
    return doc | {"latest": room.get("lm") or room["_updatedAt"]}


@routes.post(*both("delete"))
def delete(call: Call) -> None:
    """Delete a direct room."""
    room = _find(call, call.body)
    inside = call.state.sub(room["_id"], call.me["_id"])
    if not inside and not call.can("view-room-administration"):
        raise coded("error-not-allowed", "Not allowed")
    rooms.erase(call.state, call.rights, room, call.me)


@routes.post(*both("open"))
def open_room(call: Call) -> None:
    """Show a direct room."""
    room = mine(call, {"roomId": _needed(call)})
    sub = call.state.sub(room["_id"], call.me["_id"])
    if sub:
        call.state.save_sub({**sub, "open": True})


@routes.post(*both("close"))
def close_room(call: Call) -> None:
    """Hide a direct room."""
    room = mine(call, {"roomId": _needed(call)})
    sub = call.state.sub(room["_id"], call.me["_id"])
    if sub is None:
        raise failure("The user is not subscribed to the room")
    if not sub["open"]:
        raise failure("The direct message room, is already closed to the sender")
    call.state.save_sub({**sub, "open": False})


@routes.post(*both("setTopic"))
def set_topic(call: Call) -> Doc:
    """The line above a direct room."""
    room = mine(call, {"roomId": _needed(call)})
    topic = call.body.get("topic")
    room_settings.save(call.state, call.rights, call.me, room["_id"], {"roomTopic": topic})
    return {"topic": topic}
