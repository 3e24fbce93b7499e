"""What is said in rooms, by people and by the server."""

import re
from typing import Any

from chatops.sandbox.rocketchat.refusals import failure
from chatops.sandbox.rocketchat.state import State, short_id
from chatops.sandbox.store import Doc


def system(
    state: State, room: Doc, kind: str, text: str, user: Doc, bump: bool = True, **more: Any
) -> Doc:
    """The server's own line about something that happened in a room."""
    now = state.now()
    message = {
        "_id": short_id(),
        "t": kind,
        "rid": room["_id"],
        "ts": now,
        "msg": text,
        "u": {"_id": user["_id"], "username": user["username"], "name": user.get("name")},
        "groupable": False,
        **more,
        "_updatedAt": now,
    }
    state.messages.put(message["_id"], message)
    if bump:
        count(state, room, message)
    return message


def count(state: State, room: Doc, message: Doc) -> None:
    """Note in a room that it has one message more, and who spoke last."""
    room["msgs"] = room.get("msgs", 0) + 1
    last = room.get("_last")
    if last and last[1] != message["u"]["_id"]:
        room["_before"] = last
    room["_last"] = [message["ts"], message["u"]["_id"]]
    state.save_room(room)


def unseen(room: Doc, sub: Doc) -> bool:
    """Whether somebody else spoke in a room since its member last looked."""
    since = sub.get("ls") or sub["ts"]
    uid = sub["u"]["_id"]
    for said in (room.get("_last"), room.get("_before")):
        if said and said[1] != uid:
            return bool(said[0] > since)
    return False


def markdown(text: str) -> list[Doc]:
    """The text taken apart as the server's parser does with plain paragraphs."""
    return [
        {"type": "PARAGRAPH", "value": [{"type": "PLAIN_TEXT", "value": line}]}
        if line
        else {"type": "LINE_BREAK"}
        for line in text.split("\n")
    ]


def mentions(state: State, text: str) -> tuple[list[Doc], list[Doc]]:
    """The people and the rooms that a text calls by name."""
    people, rooms = [], []
    for name in dict.fromkeys(re.findall(r"(?<![\w.])@([\w.-]+)", text)):
        user = state.named(name)
        if name in ("all", "here"):
            people.append({"_id": name, "username": name})
        elif user:
            who = {"_id": user["_id"], "username": user["username"], "name": user.get("name")}
            people.append({**who, "type": "user"})
    for name in dict.fromkeys(re.findall(r"(?<![\w.])#([\w.-]+)", text)):
        room = state.room_named(name)
        if room:
            rooms.append({"_id": room["_id"], "name": room["name"], "fname": room.get("fname")})
    return people, rooms


def check_length(state: State, text: str, attachments: list[Any]) -> None:
    """Refuse what is longer than the server takes, attachments included."""
    longest = state.settings.number("Message_MaxAllowedSize")
    parts = [text, *(str(a.get("text", "")) for a in attachments if isinstance(a, dict))]
    if longest and any(len(part) > longest for part in parts):
        raise failure("error-message-size-exceeded")


def say(state: State, room: Doc, user: Doc, message: Doc) -> Doc:
    """Put a message into a room. What it carries beyond the usual stays with it."""
    now = state.now()
    text = message.get("msg") or ""
    message |= {
        "ts": now,
        "u": {"_id": user["_id"], "username": user["username"], "name": user.get("name")},
        "rid": room["_id"],
    }
    message.setdefault("_id", short_id())
    message["_updatedAt"] = now
    dress(state, message, text)
    state.messages.put(message["_id"], message)
    room["lm"] = now
    if state.settings["Store_Last_Message"] is not False:
        room["lastMessage"] = dict(message)
    count(state, room, message)
    called = {who["_id"] for who in message["mentions"]}
    for sub in state.subs.where("room", room["_id"]) if room["t"] == "d" or called else ():
        mine = sub["u"]["_id"] == user["_id"]
        if not mine and (room["t"] == "d" or called & {sub["u"]["_id"], "all", "here"}):
            sub.update(unread=sub.get("unread", 0) + 1, alert=True, open=True)
            state.save_sub(sub)
    return message


def dress(state: State, message: Doc, text: str) -> None:
    """Add to a message what the server finds in its text."""
    message.pop("md", None)
    if text:
        message["md"] = markdown(text)
    message["mentions"], message["channels"] = mentions(state, text)
    message["urls"] = [{"url": url} for url in re.findall(r"https?://\S+", text)]


def forget(state: State, room: Doc, message: Doc) -> None:
    """Take a message away; the room remembers the one before it."""
    state.messages.delete(message["_id"])
    room["msgs"] = max(room.get("msgs", 0) - 1, 0)
    if room.get("lastMessage", {}).get("_id") == message["_id"]:
        said = [m for m in state.messages.where("room", room["_id"]) if not m.get("t")]
        if said:
            room["lastMessage"] = dict(max(said, key=lambda m: str(m["ts"])))
        else:
            del room["lastMessage"]
    state.save_room(room)


def newest_first(state: State, rid: str) -> list[Doc]:
    """All messages of a room."""
    return sorted(state.messages.where("room", rid), key=lambda m: str(m["ts"]), reverse=True)
