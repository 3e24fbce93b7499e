"""Channels and groups: how they are made, joined, left and erased."""

import re
from typing import Any

from chatops.sandbox.rocketchat import messages
from chatops.sandbox.rocketchat.listing import without, words
from chatops.sandbox.rocketchat.refusals import coded, failure
from chatops.sandbox.rocketchat.rights import Rights
from chatops.sandbox.rocketchat.state import State, long_id
from chatops.sandbox.store import Doc

# Kept with a room, never shown.
PRIVATE = ("joinCode", "_last", "_before")
ADMIN_FIELDS = words(
    "_id prid fname name t cl u usernames ts usersCount muted unmuted ro reactWhenReadOnly default "
    "favorite featured topic msgs archived teamId teamMain announcement description broadcast uids "
    "avatarETag federated"
)


def shown(room: Doc) -> Doc:
    """A room as answers hold it."""
    doc = without(room, *PRIVATE)
    if room.get("joinCode"):
        doc["joinCodeRequired"] = True
    return doc


def author(user: Doc) -> Doc:
    """A person as rooms and messages name them."""
    return {"_id": user["_id"], "username": user["username"], "name": user.get("name")}


def valid_name(state: State, name: str, rid: str | None = None) -> str:
    """The name a room may bear, or the refusal of one that is taken or badly spelt."""
    settings = state.settings
    special = settings["UI_Allow_room_names_with_special_chars"] is True
    slug = re.sub(r"[^\w.]+", "-", name).strip("-") if special else name
    details = {"function": "RocketChat.getValidRoomName", "channel_name": slug}
    try:
        letters = re.compile(f"(?:{settings.text('UTF8_Channel_Names_Validation')})")
    except re.error:
        letters = re.compile("[0-9a-zA-Z-_.]+")
    if not letters.fullmatch(slug):
        raise coded("error-invalid-room-name", f"{slug} is not a valid room name.", **details)
    other = state.room_named(slug)
    if other and special:
        number = 0
        while (found := state.room_named(slug)) and found["_id"] != rid:
            number += 1
            slug = f"{details['channel_name']}-{number}"
    elif other and other["_id"] != rid:
        if other.get("archived"):
            raise coded(
                "error-archived-duplicate-name",
                f"There's an archived channel with name {slug}",
                **details,
            )
        raise coded(
            "error-duplicate-channel-name", f"A channel with name '{slug}' exists", **details
        )
    return slug


def create(
    state: State,
    kind: str,
    name: Any,
    owner: Doc,
    members: Any = None,
    read_only: Any = False,
    extra: Doc | None = None,
    exclude_self: bool = False,
) -> Doc:
    """Make a channel ("c") or group ("p"). Names nobody bears are left out without a word."""
    if not isinstance(name, str):
        raise failure(f"Match error: Expected string, got {json_kind(name)}")
    members = [] if members is None else members
    if any(not isinstance(member, str) for member in members):
        wrong = next(n for n, member in enumerate(members) if not isinstance(member, str))
        raise failure(
            f"Match error: Expected string, got {json_kind(members[wrong])} in field [{wrong}]"
        )
    if not name.strip():
        raise coded("error-invalid-name", "Invalid name", function="RocketChat.createRoom")
    extra = dict(extra or {})
    team_id = extra.pop("teamId", None)
    names = list(members) if exclude_self else [*members, owner["username"]]
    now = state.now()
    room: Doc = {"_id": long_id(), "fname": name, "_updatedAt": now, **extra}
    discussion = bool(extra.get("prid"))
    room |= {
        "name": name if discussion else valid_name(state, name.strip()),
        "t": kind,
        "msgs": 0,
        "usersCount": 0,
        "u": author(owner),
        "ts": now,
        "ro": read_only is True or bool(extra.get("broadcast")),
        "default": False,
        "sysMes": True,
    }
    team = state.team(team_id)
    if team:
        room["teamId"] = team["_id"]
    state.rooms.put(room["_id"], room)
    for user in dict.fromkeys(user["_id"] for n in names if (user := state.named(n))):
        member = state.users.get(user)
        if member:
            own: Doc = {"ls": now, "roles": ["owner"]} if user == owner["_id"] else {}
            subscribe(state, room, member, **own)
    if team and kind == "c" and (main := state.room(team["roomId"])):
        messages.system(state, main, "user-added-room-to-team", room["name"], owner)
    return room


def json_kind(value: Any) -> str:
    """What JavaScript calls the kind of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
    return "object"


def subscribe(state: State, room: Doc, user: Doc, save: bool = True, **more: Any) -> Doc:
    """Put somebody into a room, silently. The room is written, unless that comes anyway."""
    now = state.now()
    sub: Doc = {"_id": long_id(), "t": room["t"], "ts": now, "rid": room["_id"]}
    sub |= {key: room[key] for key in ("name", "fname", "customFields", "prid") if key in room}
    sub |= {"u": author(user), "open": True, "alert": False, "unread": 0}
    sub |= {"userMentions": 0, "groupMentions": 0, **more}
    room["usersCount"] = room.get("usersCount", 0) + 1
    if save:
        state.save_room(room)
    _touch(state, room, user["_id"])
    return state.save_sub(sub)


def _touch(state: State, room: Doc, uid: str) -> None:
    """Note that the rooms of somebody changed: they are kept with the person."""
    user = state.user(uid)
    if user and room["t"] in "cp":
        state.save_user(user)


def join(state: State, room: Doc, user: Doc, inviter: Doc | None = None) -> bool:
    """Add somebody to a room with the message that says so; False if they were there already."""
    if state.sub(room["_id"], user["_id"]):
        return False
    # The message written next saves the room.
    subscribe(state, room, user, save=False, alert=True, unread=1, userMentions=1)
    main = bool(room.get("teamMain"))
    if inviter:
        kind = "added-user-to-team" if main else "au"
        messages.system(state, room, kind, user["username"], inviter)
    else:
        kind = "ut" if room.get("prid") else "ujt" if main else "uj"
        messages.system(state, room, kind, user["username"], user)
    if main and room.get("teamId"):
        enter_team(state, room["teamId"], user, inviter or user)
    return True


def enter_team(state: State, team_id: str, user: Doc, inviter: Doc) -> None:
    """Make somebody a member of a team and of the rooms its members are in by default."""
    if state.team_members.find("member", (team_id, user["_id"])):
        return
    member = {
        "_id": long_id(),
        "teamId": team_id,
        "userId": user["_id"],
        "createdAt": state.now(),
        "createdBy": {"_id": inviter["_id"], "username": inviter["username"]},
    }
    state.team_members.put(member["_id"], member)
    if user["active"]:
        for room in state.rooms.where("team", team_id):
            if room.get("teamDefault") and not room.get("teamMain"):
                join(state, room, user, inviter)


def unsubscribe(state: State, room: Doc, user: Doc) -> bool:
    """Take somebody out of a room, silently; False if they were not in it."""
    sub = state.sub(room["_id"], user["_id"])
    if sub is None:
        return False
    state.subs.delete(sub["_id"])
    room["usersCount"] -= 1
    state.save_room(room)
    _touch(state, room, user["_id"])
    if room.get("teamMain"):
        member = state.team_members.find("member", (room["teamId"], user["_id"]))
        if member:
            state.team_members.delete(member["_id"])
    return True


def leave(state: State, room: Doc, user: Doc, by: Doc | None = None) -> None:
    """Somebody goes, or is taken out by another, and the room is told."""
    unsubscribe(state, room, user)
    team = bool(room.get("teamMain"))
    if by:
        kind = "removed-user-from-team" if team else "ru"
        messages.system(state, room, kind, user["username"], by)
    else:
        messages.system(state, room, "ult" if team else "ul", user["username"], user)


def owners(state: State, rid: str) -> list[Doc]:
    """The memberships that own a room."""
    return state.subs.where("owners", rid)


def can_access(state: State, rights: Rights, room: Doc, user: Doc) -> bool:
    """Whether somebody may see a room."""
    if state.sub(room["_id"], user["_id"]):
        return True
    if room.get("prid"):
        parent = state.room(room["prid"])
        return parent is not None and can_access(state, rights, parent, user)
    if room["t"] != "c" or not rights.can(user, "view-c-room"):
        return False
    team = state.team(room.get("teamId"))
    if team is None or team["type"] == 0 or room.get("teamMain"):
        return True
    return state.team_members.find("member", (team["_id"], user["_id"])) is not None


def erase(
    state: State, rights: Rights, room: Doc | None, user: Doc, with_team: bool = False
) -> None:
    """Delete a room for good, if this person may."""
    if room is None:
        raise coded("error-invalid-room", "Invalid room", method="eraseRoom")
    if room.get("teamMain") and not with_team:
        raise coded(
            "error-cannot-delete-team-channel",
            "Cannot delete a team channel",
            method="eraseRoom",
        )
    team = state.team(room.get("teamId"))
    kind = "channel" if room["t"] == "c" else "group"
    if not rights.can(user, f"delete-{room['t']}", room["_id"]) or (
        team and not rights.can(user, f"delete-team-{kind}", team["roomId"])
    ):
        raise coded("error-not-allowed", "Not allowed", method="eraseRoom")
    if team and not room.get("teamMain") and (main := state.room(team["roomId"])):
        messages.system(state, main, "user-deleted-room-from-team", room["name"], user)
    drop(state, room)


def drop(state: State, room: Doc) -> None:
    """Remove a room and all that hangs on it."""
    for sub in state.subs.where("room", room["_id"]):
        state.subs.delete(sub["_id"])
        _touch(state, room, sub["u"]["_id"])
    for message in state.messages.where("room", room["_id"]):
        state.messages.delete(message["_id"])
    state.rooms.delete(room["_id"])


def set_archived(state: State, room: Doc, user: Doc, archived: bool) -> None:
    """Archive a room or bring it back, for everybody in it."""
    room["archived"] = archived
    state.save_room(room)
    for sub in state.subs.where("room", room["_id"]):
        sub.update(archived=archived, open=not archived, alert=False)
        state.save_sub(sub)
    messages.system(state, room, "room-archived" if archived else "room-unarchived", "", user)


def join_defaults(state: State, user: Doc) -> None:
    """Put a new person into the rooms that everybody is in."""
    for room in state.rooms.where("default", True):
        if room["t"] in "cp" and not room.get("archived"):
            join(state, room, user)
