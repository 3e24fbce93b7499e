"""`chat.*`: writing, changing, pinning and deleting messages."""

from typing import Any

from chatops.sandbox.rocketchat import messages, rooms
from chatops.sandbox.rocketchat.direct_api import between
from chatops.sandbox.rocketchat.listing import only, ordered, words
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.rights import Rights
from chatops.sandbox.rocketchat.state import State
from chatops.sandbox.rocketchat.web import Call, Routes, milliseconds_now
from chatops.sandbox.store import Doc

routes = Routes()
ALLOWED = words("alias emoji avatar attachments customFields parseUrls tmid")


def target(state: State, user: Doc, name: str) -> Doc:
    """The room that a `#channel`, `@person` or bare name means."""
    room: Doc | None
    if name.startswith("@"):
        other = state.named(name[1:])
        if other is None:
            raise coded("invalid-channel")
        return between(state, list({u["_id"]: u for u in (user, other)}.values()))
    room = state.room_named(name[1:]) if name.startswith("#") else None
    room = room or state.room(name) or state.room_named(name)
    other = None if room else state.named(name)
    if other:
        return between(state, list({u["_id"]: u for u in (user, other)}.values()))
    if room is None:
        raise coded("invalid-channel")
    return room


def may_write(state: State, rights: Rights, room: Doc, user: Doc) -> None:
    """Refuse a message to a room that does not take it from this person."""
    if state.air_gapped:
        raise failure("restricted-workspace")
    if room.get("archived"):
        raise failure("room_is_archived")
    if not rooms.can_access(state, rights, room, user):
        raise failure("error-not-allowed")
    if user["username"] in room.get("muted", ()):
        raise failure("You_have_been_muted")
    if room.get("ro") and not rights.can(user, "post-readonly", room["_id"]):
        raise failure("You can't send messages because the room is readonly.")


def post(state: State, rights: Rights, user: Doc, room: Doc, body: Doc) -> Doc:
    """Write what a call or a webhook wants written."""
    may_write(state, rights, room, user)
    text = body.get("text") or ""
    attachments = body.get("attachments") or []
    if not isinstance(attachments, list):
        raise failure("Attachments should be Array, ignoring value")
    messages.check_length(state, str(text), attachments)
    message: Doc = {
        "alias": body.get("alias") or "",
        "msg": text,
        "attachments": attachments,
        "parseUrls": body.get("parseUrls", True),
        "groupable": False,
    }
    message |= only(body, [key for key in ALLOWED if body.get(key) and key not in message])
    return messages.say(state, room, user, message)


@routes.post("chat.postMessage")
def post_message(call: Call) -> Doc:
    """Write to a room, or to several."""
    state, body = call.state, call.body
    where = body.get("roomId") or body.get("channel")
    if not where:
        raise coded("invalid-channel")
    if not isinstance(body.get("text", ""), str | None):
        raise failure(f"Match error: Expected string, got {rooms.json_kind(body['text'])}")
    if (body.get("alias") or body.get("avatar") or body.get("emoji")) and not call.can(
        "message-impersonate"
    ):
        raise failure("Not enough permission")
    first = None
    for name in where if isinstance(where, list) else [where]:
        found = state.room(name) if body.get("roomId") else target(state, call.me, str(name))
        if found is None:
            raise coded("invalid-channel")
        message = post(state, call.rights, call.me, found, body)
        first = first or (name, message)
    if first is None:
        raise failure("unknown-error")
    return {"ts": milliseconds_now(), "channel": first[0], "message": first[1]}


@routes.post("chat.sendMessage")
def send_message(call: Call) -> Doc:
    """Write to a room, with an identifier of one's own if one likes."""
    state, wanted = call.state, call.body.get("message")
    if not wanted or not isinstance(wanted, dict):
        raise coded("error-invalid-params", 'The "message" parameter must be provided.')
    room = state.room(wanted.get("rid"))
    if room is None:
        raise failure("error-invalid-room")
    if (wanted.get("alias") or wanted.get("avatar") or wanted.get("emoji")) and not call.can(
        "message-impersonate"
    ):
        raise failure("Not enough permission")
    may_write(state, call.rights, room, call.me)
    messages.check_length(state, str(wanted.get("msg") or ""), wanted.get("attachments") or [])
    if str(wanted.get("_id")) in state.messages:
        # The same identifier again falls over in the server's own code.
        raise failure("Cannot read properties of undefined (reading 'starred')")
    return {"message": messages.say(state, room, call.me, dict(wanted))}


def _message(call: Call, ident: Any) -> Doc:
    found = call.state.messages.get(ident) if isinstance(ident, str) else None
    if found is None:
        raise coded(
            "error-message-not-found",
            'The provided "messageId" does not match any existing message.',
        )
    return found


@routes.get("chat.getMessage")
def get_message(call: Call) -> Doc:
    """One message."""
    ident = call.query.get("msgId")
    if not ident:
        raise failure('The "msgId" query parameter must be provided.')
    message = call.state.messages.get(ident)
    room = call.state.room(message["rid"]) if message else None
    if not message or not room or not _seen(call, room):
        raise failure()
    return {"message": message}


def _seen(call: Call, room: Doc) -> bool:
    return rooms.can_access(call.state, call.rights, room, call.me)


def _may_pin(call: Call, message: Doc, method: str) -> Doc:
    room = call.state.room(message["rid"])
    if call.state.settings["Message_AllowPinning"] is not True:
        raise coded(
            "error-action-not-allowed",
            "Message pinning not allowed",
            method=method,
            action="Message_pinning",
        )
    if room is None or not call.can("pin-message", rid=message["rid"]):
        raise coded("not-authorized", "Not Authorized", method=method)
    if not _seen(call, room):
        raise coded("not-authorized", "Not Authorized", method=method)
    return room


@routes.post("chat.pinMessage")
def pin(call: Call) -> Doc:
    """Pin a message; again answers with the message itself."""
    state, message = call.state, _message(call, call.body["messageId"])
    room = _may_pin(call, message, "pinMessage")
    if message.get("pinned"):
        return {"message": message}
    by = {"_id": call.me["_id"], "username": call.me["username"]}
    message |= {"pinned": True, "pinnedAt": state.now(), "pinnedBy": by}
    state.messages.put(message["_id"], message)
    who = message["u"]["username"]
    shown = {"text": message["msg"], "author_name": who, "author_icon": f"/avatar/{who}"}
    shown |= {"content": None, "ts": message["ts"]}
    shown["attachments"] = message.get("attachments", [])
    line = messages.system(state, room, "message_pinned", "", call.me, attachments=[shown])
    return {"message": line}


@routes.post("chat.unPinMessage")
def unpin(call: Call) -> None:
    """Take a pin away."""
    message = _message(call, call.body["messageId"])
    _may_pin(call, message, "unpinMessage")
    for key in ("pinned", "pinnedAt", "pinnedBy"):
        message.pop(key, None)
    call.state.messages.put(message["_id"], message)


@routes.get("chat.getPinnedMessages")
def pinned(call: Call) -> Doc:
    """The pinned messages of a room."""
    state, room = call.state, call.state.room(call.query["roomId"])
    if room is None or not _seen(call, room):
        raise coded("error-not-allowed", "Not allowed")
    found = state.messages.where("pinned", room["_id"])
    page = call.page()
    docs = page.of(ordered(found, {"ts": -1}))
    return page.answer("messages", docs, len(found))


@routes.post("chat.update")
def update(call: Call) -> Doc:
    """Change what a message says."""
    state, body = call.state, call.body
    for field in ("roomId", "msgId", "text"):
        if not isinstance(body.get(field), str):
            got = rooms.json_kind(body.get(field)) if field in body else "undefined"
            raise failure(f"Match error: Expected string, got {got} in field {field}")
    message = state.messages.get(body["msgId"])
    if message is None:
        raise failure(f'No message found with the id of "{body["msgId"]}".')
    if message["rid"] != body["roomId"]:
        raise failure("The room id provided does not match where the message is from.")
    own = message["u"]["_id"] == call.me["_id"]
    allowed = own and state.settings["Message_AllowEditing"] is True
    if not allowed and not call.can("edit-message", rid=message["rid"]):
        raise coded(
            "error-action-not-allowed",
            "Message editing not allowed",
            method="updateMessage",
            action="Message_editing",
        )
    messages.check_length(state, body["text"], [])
    by = {"_id": call.me["_id"], "username": call.me["username"]}
    message |= {"msg": body["text"], "editedAt": state.now(), "editedBy": by}
    messages.dress(state, message, body["text"])
    state.messages.put(message["_id"], message)
    return {"message": message}


@routes.post("chat.delete")
def delete(call: Call) -> Doc:
    """Take a message away."""
    state, body = call.state, call.body
    for field in ("msgId", "roomId"):
        if not isinstance(body.get(field), str):
            got = rooms.json_kind(body.get(field)) if field in body else "undefined"
            raise failure(f"Match error: Expected string, got {got} in field {field}")
    message = state.messages.get(body["msgId"])
    if message is None:
        raise failure(f'No message found with the id of "{body["msgId"]}".')
    if message["rid"] != body["roomId"]:
        raise failure("The room id provided does not match where the message is from.")
    rid, own = message["rid"], message["u"]["_id"] == call.me["_id"]
    allowed = call.can("force-delete-message", "delete-message", rid=rid) or (
        own and call.can("delete-own-message") and state.settings["Message_AllowDeleting"] is True
    )
    room = state.room(rid)
    if room is None or not allowed:
        raise coded(
            "error-action-not-allowed",
            "Not allowed",
            method="deleteMessage",
            action="Delete_message",
        )
    messages.forget(state, room, message)
    shown = only(message, ("_id", "u", "rid"))
    return {"_id": message["_id"], "ts": str(milliseconds_now()), "message": shown}


@routes.post("chat.react")
def react(call: Call) -> None:
    """Put an emoji under a message, or take it away."""
    state, body = call.state, call.body
    if not body.get("messageId") or not str(body["messageId"]).strip():
        raise coded(
            "error-messageid-param-not-provided", 'The required "messageId" param is missing.'
        )
    message = _message(call, body["messageId"])
    emoji = body.get("emoji") or body.get("reaction")
    if not emoji:
        raise coded("error-emoji-param-not-provided", 'The required "emoji" param is missing.')
    code = f":{str(emoji).strip(':')}:"
    reactions: Doc = message.setdefault("reactions", {})
    names = reactions.setdefault(code, {"usernames": []})["usernames"]
    there = call.me["username"] in names
    wanted = body.get("shouldReact", not there)
    if there and not wanted:
        names.remove(call.me["username"])
    elif wanted and not there:
        names.append(call.me["username"])
    if not names:
        del reactions[code]
    state.messages.put(message["_id"], message)


@routes.get("chat.search")
def search(call: Call) -> Doc:
    """Messages of a room that hold a text."""
    rid, text = call.query.get("roomId"), call.query.get("searchText")
    if not rid:
        raise coded(
            "error-roomId-param-not-provided", 'The required "roomId" query param is missing.'
        )
    if not text:
        raise coded(
            "error-searchText-param-not-provided",
            'The required "searchText" query param is missing.',
        )
    room = call.state.room(rid)
    if room is None or not _seen(call, room):
        raise forbidden()
    found = [
        message
        for message in messages.newest_first(call.state, rid)
        if not message.get("t") and text.lower() in message["msg"].lower()
    ]
    return {"messages": call.page().of(found)}
