"""More of `chat.*`: stars, threads, mentions, what changed since."""

from typing import Any

from chatops.sandbox.rocketchat import messages, rooms
from chatops.sandbox.rocketchat.listing import ordered, words
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.state import moment
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()


def _message(call: Call, ident: Any) -> Doc:
    found = call.state.messages.get(ident) if isinstance(ident, str) else None
    if found is None:
        raise coded(
            "error-message-not-found",
            'The provided "messageId" does not match any existing message.',
        )
    return found


def _room(call: Call, key: str = "roomId") -> Doc:
    rid = call.query.get(key)
    if not rid:
        raise coded(
            f"error-{key}-param-not-provided", f'The required "{key}" query param is missing.'
        )
    room = call.state.room(rid)
    if room is None or not rooms.can_access(call.state, call.rights, room, call.me):
        raise coded("error-not-allowed", "Not Allowed")
    return room


def _page(call: Call, key: str, found: list[Doc]) -> Doc:
    page = call.page()
    return page.answer(key, page.of(ordered(found, call.sort({"ts": -1}))), len(found))


def _star(call: Call, wanted: bool) -> None:
    message = _message(call, call.body["messageId"])
    if call.state.settings["Message_AllowStarring"] is not True:
        raise coded(
            "error-action-not-allowed",
            "Message starring not allowed",
            method="starMessage",
            action="Message_starring",
        )
    uid = call.me["_id"]
    kept = [entry for entry in message.get("starred", ()) if entry["_id"] != uid]
    message["starred"] = kept + ([{"_id": uid}] if wanted else [])
    call.state.messages.put(message["_id"], message)


@routes.post("chat.starMessage")
def star(call: Call) -> None:
    """Mark a message for oneself."""
    _star(call, True)


@routes.post("chat.unStarMessage")
def unstar(call: Call) -> None:
    """Take the mark away."""
    _star(call, False)


@routes.get("chat.getStarredMessages")
def starred(call: Call) -> Doc:
    """The messages of a room that the caller marked."""
    room, uid = _room(call), call.me["_id"]
    found = [
        message
        for message in call.state.messages.where("room", room["_id"])
        if any(entry["_id"] == uid for entry in message.get("starred", ()))
    ]
    return _page(call, "messages", found)


@routes.get("chat.getMentionedMessages")
def mentioned(call: Call) -> Doc:
    """The messages of a room that call the caller by name."""
    room, uid = _room(call), call.me["_id"]
    found = [
        message
        for message in call.state.messages.where("room", room["_id"])
        if any(who["_id"] == uid for who in message.get("mentions", ()))
    ]
    return _page(call, "messages", found)


@routes.get("chat.getDiscussions")
def discussions(call: Call) -> Doc:
    """The messages of a room that began a discussion."""
    room = _room(call)
    lines = call.state.messages.where("room", room["_id"])
    return _page(call, "messages", [line for line in lines if line.get("drid")])


@routes.get("chat.getThreadsList")
def threads(call: Call) -> Doc:
    """The messages of a room that were answered."""
    room = _room(call, "rid")
    answered = {m.get("tmid") for m in call.state.messages.where("room", room["_id"])}
    found = [m for m in call.state.messages.where("room", room["_id"]) if m["_id"] in answered]
    return _page(call, "threads", found)


@routes.get("chat.getThreadMessages")
def thread(call: Call) -> Doc:
    """The answers to a message."""
    ident = call.query.get("tmid")
    if not ident:
        raise coded("error-invalid-params", 'The required "tmid" query param is missing.')
    first = call.state.messages.get(ident)
    if first is None:
        raise coded("error-invalid-message", "Invalid Message")
    said = call.state.messages.where("room", first["rid"])
    return _page(call, "messages", [m for m in said if m.get("tmid") == ident])


@routes.get("chat.syncMessages")
def sync(call: Call) -> Doc:
    """The messages of a room that changed since."""
    room, since = _room(call), call.query.get("lastUpdate")
    if not since:
        raise coded(
            "error-lastUpdate-param-not-provided",
            'The required "lastUpdate" query param is missing.',
        )
    _date(since, "error-roomId-param-invalid", "lastUpdate")
    changed = [m for m in messages.newest_first(call.state, room["_id"]) if m["_updatedAt"] > since]
    return {"result": {"updated": changed, "deleted": []}}


def _date(text: str, code: str, name: str) -> None:
    try:
        moment(text)
    except ValueError:
        raise coded(code, f'The "{name}" query parameter must be a valid date.') from None


@routes.get("chat.getDeletedMessages")
def deleted(call: Call) -> Doc:
    """The messages that are gone since: nobody keeps a list of them here."""
    for name in words("roomId since"):
        if not call.query.get(name):
            raise coded(f'The required "{name}" query param is missing.')
    return call.page().answer("messages", [], 0)


def _follow(call: Call, wanted: bool) -> None:
    message = _message(call, call.body["mid"])
    uid = call.me["_id"]
    kept = [other for other in message.get("replies", ()) if other != uid]
    message["replies"] = kept + ([uid] if wanted else [])
    call.state.messages.put(message["_id"], message)


@routes.post("chat.followMessage")
def follow(call: Call) -> None:
    """Be told of the answers to a message."""
    _follow(call, True)


@routes.post("chat.unfollowMessage")
def unfollow(call: Call) -> None:
    """Be told no longer."""
    _follow(call, False)


@routes.post("chat.reportMessage")
def report(call: Call) -> None:
    """Tell the administrators of a message."""
    if call.state.messages.get(call.body["messageId"]) is None:
        raise coded("error-invalid-message_id", "Invalid message id", method="reportMessage")


@routes.get("chat.ignoreUser")
def ignore(call: Call) -> None:
    """Not to see what somebody writes in a room."""
    rid, uid = call.query.get("rid", ""), call.query.get("userId", "")
    if not rid.strip():
        raise coded("error-room-id-param-not-provided", 'The required "rid" param is missing.')
    if not uid.strip():
        raise coded("error-user-id-param-not-provided", 'The required "userId" param is missing.')
    sub = call.state.sub(rid, call.me["_id"])
    if sub is None or call.state.sub(rid, uid) is None:
        raise coded("error-invalid-subscription", "Invalid subscription", method="ignoreUser")
    kept = [other for other in sub.get("ignored", ()) if other != uid]
    wanted = call.query.get("ignore", "true") in ("true", "1")
    call.state.save_sub({**sub, "ignored": kept + ([uid] if wanted else [])})


@routes.post("users.2fa.sendEmailCode", login=False)
def send_email_code(call: Call) -> None:
    """Pretend to mail a code."""
    if not call.body.get("emailOrUsername"):
        raise coded("error-parameter-required", "emailOrUsername is required")


@routes.post("users.2fa.enableEmail")
def enable_email_codes(call: Call) -> None:
    """Ask for a mailed code at login from now on."""
    if any(not address["verified"] for address in call.me.get("emails", ())):
        raise coded("error-invalid-user", "You need to verify your emails before setting up 2FA")
    call.me["services"]["email2fa"] = {"enabled": True}
    call.state.save_user(call.me)


@routes.post("users.2fa.disableEmail", second_factor=True)
def disable_email_codes(call: Call) -> None:
    """Ask for no mailed code any more."""
    call.me["services"]["email2fa"] = {"enabled": False}
    call.state.save_user(call.me)


@routes.get("rooms.images")
def images(call: Call) -> Doc:
    """The pictures of a room: none are kept here."""
    _room(call)
    return call.page().answer("files", [], 0)


@routes.post("rooms.cleanHistory")
def clean_history(call: Call) -> Doc:
    """Delete what was said between two times."""
    state, body = call.state, call.body
    room = state.room(body.get("roomId"))
    if room is None:
        raise coded("error-invalid-room", "Invalid room", method="cleanRoomHistory")
    for name in words("latest oldest"):
        if not body.get(name):
            raise failure(f'Body parameter "{name}" is required.')
    if not call.can("clean-channel-history", rid=room["_id"]):
        raise coded("error-not-allowed", "Not allowed", method="cleanRoomHistory")
    spared = bool(body.get("excludePinned"))
    gone = [
        message
        for message in state.messages.where("room", room["_id"])
        if body["oldest"] < message["ts"] < body["latest"]
        and not (spared and message.get("pinned"))
    ]
    for message in gone:
        messages.forget(state, room, message)
    return {"_id": room["_id"], "count": len(gone)}
