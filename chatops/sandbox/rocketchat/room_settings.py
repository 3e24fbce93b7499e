"""Changes of a room: its name, topic, kind and the rest, with the messages that tell of them."""

from collections.abc import Callable
from typing import Any

from chatops.sandbox.rocketchat import messages, rooms
from chatops.sandbox.rocketchat.refusals import coded
from chatops.sandbox.rocketchat.rights import Rights
from chatops.sandbox.rocketchat.state import State
from chatops.sandbox.store import Doc

METHOD = "saveRoomSettings"
RETENTION = {
    "retentionEnabled": "enabled",
    "retentionMaxAge": "maxAge",
    "retentionExcludePinned": "excludePinned",
    "retentionFilesOnly": "filesOnly",
    "retentionIgnoreThreads": "ignoreThreads",
    "retentionOverrideGlobal": "overrideGlobal",
}
KNOWN = {
    "roomAvatar",
    "featured",
    "roomName",
    "roomTopic",
    "roomAnnouncement",
    "roomCustomFields",
    "roomDescription",
    "roomType",
    "readOnly",
    "reactWhenReadOnly",
    "systemMessages",
    "default",
    "joinCode",
    *RETENTION,
    "encrypted",
    "favorite",
    "sidepanel",
}


def _refused(reason: str, action: str) -> Exception:
    return coded("error-action-not-allowed", reason, method=METHOD, action=action)


def save(state: State, rights: Rights, user: Doc, rid: Any, wanted: Doc) -> Doc:
    """Change some settings of a room, all or none as far as the checks go."""
    if not isinstance(rid, str):
        raise coded("error-invalid-room", "Invalid room", method=METHOD)
    if not set(wanted) <= KNOWN:
        raise coded("error-invalid-settings", "Invalid settings provided", method=METHOD)
    room = state.room(rid)
    if room is None:
        raise coded("error-invalid-room", "Invalid room", method=METHOD)
    if not rights.can(user, "edit-room", rid):
        if not ("encrypted" in wanted and room["t"] == "d"):
            raise _refused("Editing room is not allowed", "Editing_room")
        wanted = {"encrypted": wanted["encrypted"]}
    if room.get("broadcast") and (wanted.get("readOnly") or wanted.get("reactWhenReadOnly")):
        raise _refused(
            "Editing readOnly/reactWhenReadOnly are not allowed for broadcast rooms", "Editing_room"
        )
    for key, value in wanted.items():
        _check(rights, user, room, key, value)
    if wanted.get("retentionOverrideGlobal") is False:
        kept = ("retentionEnabled", "retentionOverrideGlobal")
        wanted = {k: v for k, v in wanted.items() if k in kept or k not in RETENTION}
    for key, value in wanted.items():
        _SAVERS.get(key, _keep(key))(state, room, user, value)
    state.save_room(room)
    return room


def _check(rights: Rights, user: Doc, room: Doc, key: str, value: Any) -> None:
    rid = room["_id"]
    if key in ("default", "featured") and not rights.can(user, "view-room-administration"):
        raise _refused("Viewing room administration is not allowed", "Viewing_room_administration")
    if key == "roomType" and value != room["t"]:
        if value == "c" and not rights.can(user, "create-c"):
            raise _refused(
                "Changing a private group to a public channel is not allowed", "Change_Room_Type"
            )
        if value == "p" and not rights.can(user, "create-p"):
            raise _refused(
                "Changing a public channel to a private room is not allowed", "Change_Room_Type"
            )
    if key == "encrypted" and value != room.get("encrypted"):
        if room["t"] not in "pd":
            raise _refused(
                "Only groups or direct channels can enable encryption", "Change_Room_Encrypted"
            )
        if room["t"] != "d" and not rights.can(user, "toggle-room-e2e-encryption", rid):
            raise _refused(
                "You do not have permission to toggle E2E encryption", "Change_Room_Encrypted"
            )
    if key in RETENTION and key != "retentionOverrideGlobal":
        same = value == room.get("retention", {}).get(RETENTION[key])
        if not same and not rights.can(user, "edit-room-retention-policy", rid):
            raise _refused("Editing room retention policy is not allowed", "Editing_room")
    if key == "roomAvatar" and not rights.can(user, "edit-room-avatar", rid):
        raise _refused("Editing a room avatar is not allowed", "Editing_room")
    if key == "sidepanel" and not room.get("teamMain"):
        raise coded("error-action-not-allowed", "Invalid room", method=METHOD)


Saver = Callable[[State, Doc, Doc, Any], None]


def _text(field: str, kind: str) -> Saver:
    def saver(state: State, room: Doc, user: Doc, value: Any) -> None:
        if (value or room.get(field)) and value != room.get(field):
            room[field] = value
            if field == "announcement":
                room["announcementDetails"] = None
            messages.system(state, room, kind, str(value or ""), user)

    return saver


def rename(state: State, room: Doc, user: Doc, name: Any, with_team: bool = True) -> None:
    """Give a room, and with a team's main room the team, another name."""
    discussion = bool(room.get("prid"))
    if name == (room.get("fname") if discussion else room.get("name")):
        return
    slug = name if discussion else rooms.valid_name(state, str(name).strip(), room["_id"])
    team = state.team(room.get("teamId")) if room.get("teamMain") else None
    if not discussion and (state.named(slug) or _team_has(state, slug, team)):
        raise coded(
            "error-duplicate-handle",
            f"A room, team or user with name '{slug}' already exists",
            function="RocketChat.saveRoomName",
            handle=slug,
        )
    if not discussion:
        old, room["name"] = f"#{room['name']}", slug
        for hook in [h for h in state.integrations.all() if old in h["channel"]]:
            hook["channel"] = [f"#{slug}" if c == old else c for c in hook["channel"]]
            state.integrations.put(hook["_id"], hook)
    room["fname"] = name
    for sub in state.subs.where("room", room["_id"]):
        sub.update(name=room["name"], fname=name)
        state.save_sub(sub)
    messages.system(state, room, "r", str(name), user)
    if team and with_team:
        team["name"] = slug
        state.teams.put(team["_id"], team)


def _team_has(state: State, name: str, own: Doc | None) -> bool:
    team = state.teams.find("name", name.lower())
    return team is not None and (own is None or team["_id"] != own["_id"])


def retype(state: State, room: Doc, user: Doc, kind: Any, with_team: bool = True) -> None:
    """Make a channel a group, or a group a channel."""
    if kind == room["t"]:
        return
    if kind not in ("c", "p"):
        raise coded(
            "error-invalid-room-type",
            "error-invalid-room-type",
            function="RocketChat.saveRoomType",
            type=kind,
        )
    if room["t"] == "d":
        raise coded(
            "error-direct-room",
            "Can't change type of direct rooms",
            function="RocketChat.saveRoomType",
        )
    room["t"] = kind
    if kind == "p":
        room.pop("default", None)
    for sub in state.subs.where("room", room["_id"]):
        state.save_sub({**sub, "t": kind})
    text = "Channel" if kind == "c" else "Private_Group"
    messages.system(state, room, "room_changed_privacy", text, user)
    team = state.team(room.get("teamId")) if room.get("teamMain") else None
    if team and with_team:
        team["type"] = 0 if kind == "c" else 1
        state.teams.put(team["_id"], team)


def _read_only(state: State, room: Doc, user: Doc, value: Any) -> None:
    if value != room.get("ro"):
        room["ro"] = value
        kind = "room-set-read-only" if value else "room-removed-read-only"
        messages.system(state, room, kind, "", user)


def _reactions(state: State, room: Doc, user: Doc, value: Any) -> None:
    if value != room.get("reactWhenReadOnly"):
        room["reactWhenReadOnly"] = value
        kind = "room-allowed-reacting" if value else "room-disallowed-reacting"
        messages.system(state, room, kind, "", user)


def _encrypted(state: State, room: Doc, user: Doc, value: Any) -> None:
    if bool(value) != bool(room.get("encrypted")):
        kind = "room_e2e_enabled" if value else "room_e2e_disabled"
        messages.system(state, room, kind, user["username"], user)
    room["encrypted"] = value


def _custom(state: State, room: Doc, _: Doc, value: Any) -> None:
    room["customFields"] = value
    for sub in state.subs.where("room", room["_id"]):
        state.save_sub({**sub, "customFields": value})


def _retention(field: str) -> Saver:
    def saver(_: State, room: Doc, __: Doc, value: Any) -> None:
        room.setdefault("retention", {})[field] = value

    return saver


def _keep(key: str) -> Saver:
    def saver(_: State, room: Doc, __: Doc, value: Any) -> None:
        room[key] = value

    return saver


def _default(_: State, room: Doc, __: Doc, value: Any) -> None:
    room["default"] = bool(value)


def _avatar(state: State, room: Doc, user: Doc, value: Any) -> None:
    if value:
        room["avatarETag"] = state.now()[-9:-1]
    else:
        room.pop("avatarETag", None)
    messages.system(state, room, "room_changed_avatar", "", user)


_SAVERS: dict[str, Saver] = {
    "roomName": rename,
    "roomTopic": _text("topic", "room_changed_topic"),
    "roomAnnouncement": _text("announcement", "room_changed_announcement"),
    "roomDescription": _text("description", "room_changed_description"),
    "roomType": retype,
    "readOnly": _read_only,
    "reactWhenReadOnly": _reactions,
    "systemMessages": _keep("sysMes"),
    "joinCode": lambda _, room, __, value: room.update(joinCode=str(value)),
    "default": _default,
    "encrypted": _encrypted,
    "roomCustomFields": _custom,
    "roomAvatar": _avatar,
    **{key: _retention(field) for key, field in RETENTION.items()},
}
