"""`channels.*` and `groups.*`: changing a room, its settings and whether it is there at all."""

from typing import Any

from chatops.sandbox.rocketchat import room_settings, rooms, teams
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.room_lookup import CHANNELS, GROUPS, Family
from chatops.sandbox.rocketchat.web import Call, Handler, Routes
from chatops.sandbox.store import Doc

routes = Routes()
# field of the call, field of the room, setting, words for "the same as before"
TEXTS = (
    ("topic", "topic", "roomTopic", "topic"),
    ("description", "description", "roomDescription", "description"),
    ("purpose", "description", "roomDescription", "purpose (description)"),
)


def _save(call: Call, room: Doc, key: str, value: Any) -> Doc:
    return room_settings.save(call.state, call.rights, call.me, room["_id"], {key: value})


def _text_setter(family: Family, field: str, kept: str, key: str, words: str) -> Handler:
    def setter(call: Call) -> Doc:
        if field not in call.body:
            raise failure(f'The bodyParam "{field}" is required')
        value = call.body[field]
        room = family.find(call, call.body)
        if family is CHANNELS and room.get(kept) == value:
            raise failure(f"The channel {words} is the same as what it would be changed to.")
        _save(call, room, key, value or "")
        return {field: value or ""}

    return setter


for _family in (CHANNELS, GROUPS):
    for _field, _kept, _key, _words in TEXTS:
        routes.post(f"{_family.name}.set{_field.title()}")(
            _text_setter(_family, _field, _kept, _key, _words)
        )


@routes.post("channels.setAnnouncement")
def channel_announcement(call: Call) -> Doc:
    """The line above a channel."""
    value = call.body["announcement"]
    _save(call, CHANNELS.find(call, call.body), "roomAnnouncement", value)
    return {"announcement": value}


@routes.post("groups.setAnnouncement")
def group_announcement(call: Call) -> Doc:
    """The line above a group."""
    if "announcement" not in call.body:
        raise failure('The bodyParam "announcement" is required')
    value = call.body["announcement"] or ""
    _save(call, GROUPS.find(call, call.body), "roomAnnouncement", value)
    return {"announcement": value}


def _read_only(call: Call, family: Family) -> Doc:
    if "readOnly" not in call.body:
        raise failure('The bodyParam "readOnly" is required')
    room = family.find(call, call.body)
    if room.get("ro") == call.body["readOnly"]:
        raise failure(
            f"The {family.words} read only setting is the same as what it would be changed to."
        )
    return family.answer(_save(call, room, "readOnly", call.body["readOnly"]))


@routes.post("channels.setReadOnly")
def channel_read_only(call: Call) -> Doc:
    """Who may write in a channel."""
    return _read_only(call, CHANNELS)


@routes.post("groups.setReadOnly")
def group_read_only(call: Call) -> Doc:
    """Who may write in a group."""
    return _read_only(call, GROUPS)


def _needed_text(call: Call, field: str) -> str:
    value = call.body.get(field)
    if not value or not isinstance(value, str) or not value.strip():
        raise failure(f'The bodyParam "{field}" is required')
    return value


def _type(call: Call, family: Family) -> Doc:
    kind = _needed_text(call, "type")
    room = family.find(call, call.body)
    if room["t"] == kind:
        raise failure(f"The {family.words} type is the same as what it would be changed to.")
    return family.answer(_save(call, room, "roomType", kind))


@routes.post("channels.setType")
def channel_type(call: Call) -> Doc:
    """Make a channel private."""
    return _type(call, CHANNELS)


@routes.post("groups.setType")
def group_type(call: Call) -> Doc:
    """Make a group public."""
    return _type(call, GROUPS)


def _rename(call: Call, family: Family) -> Doc:
    name = _needed_text(call, "name")
    room = family.find(call, call.body)
    if family is CHANNELS and room["name"] == name:
        raise failure("The channel name is the same as what it would be renamed to.")
    return family.answer(_save(call, room, "roomName", name))


@routes.post("channels.rename")
def channel_rename(call: Call) -> Doc:
    """Another name for a channel."""
    return _rename(call, CHANNELS)


@routes.post("groups.rename")
def group_rename(call: Call) -> Doc:
    """Another name for a group."""
    return _rename(call, GROUPS)


def _custom_fields(call: Call, family: Family) -> Doc:
    fields = call.body.get("customFields")
    if not fields or not isinstance(fields, dict):
        raise failure('The bodyParam "customFields" is required with a type like object.')
    room = family.find(call, call.body)
    return family.answer(_save(call, room, "roomCustomFields", fields))


@routes.post("channels.setCustomFields")
def channel_custom_fields(call: Call) -> Doc:
    """Further fields of a channel."""
    return _custom_fields(call, CHANNELS)


@routes.post("groups.setCustomFields")
def group_custom_fields(call: Call) -> Doc:
    """Further fields of a group."""
    return _custom_fields(call, GROUPS)


@routes.post("channels.setDefault")
def channel_default(call: Call) -> Doc:
    """Whether everybody who is new comes into a channel."""
    if "default" not in call.body:
        raise failure('The bodyParam "default" is required', "error-channels-setdefault-is-same")
    wanted = call.body["default"]
    room = CHANNELS.find(call, call.body)
    if room.get("default") is wanted:
        raise failure(
            "The channel default setting is the same as what it would be changed to.",
            "error-channels-setdefault-missing-default-param",
        )
    value = str(wanted).lower() in ("true", "1")
    return CHANNELS.answer(_save(call, room, "default", value))


@routes.post("channels.setJoinCode")
def channel_join_code(call: Call) -> Doc:
    """What one must say to come in. Nobody is ever shown it."""
    code = _needed_text(call, "joinCode")
    room = CHANNELS.find(call, call.body)
    return CHANNELS.answer(_save(call, room, "joinCode", code))


@routes.post("groups.setEncrypted")
def group_encrypted(call: Call) -> Doc:
    """Encryption from end to end, as far as the flag goes."""
    if not isinstance(call.body.get("encrypted"), bool):
        raise failure('The bodyParam "encrypted" is required')
    room = GROUPS.find(call, call.body)
    return GROUPS.answer(_save(call, room, "encrypted", call.body["encrypted"]))


def archive(call: Call, room: Doc | None, archived: bool) -> None:
    """Archive a room, or bring it back, if the caller may."""
    method = "archiveRoom" if archived else "unarchiveRoom"
    if room is None:
        raise coded("error-invalid-room", "Invalid room", method=method)
    if archived and room["t"] not in "cp":
        raise coded(
            "error-direct-message-room",
            f"rooms type: {room['t']} can not be archived",
            method=method,
        )
    if not call.can("archive-room" if archived else "unarchive-room", rid=room["_id"]):
        raise coded("error-not-authorized", "Not authorized", method=method)
    rooms.set_archived(call.state, room, call.me, archived)


@routes.post("channels.archive")
def channel_archive(call: Call) -> None:
    """Archive a channel; its name stays taken."""
    archive(call, CHANNELS.find(call, call.body), True)


@routes.post("groups.archive")
def group_archive(call: Call) -> None:
    """Archive a group."""
    archive(call, GROUPS.find(call, call.body), True)


@routes.post("channels.unarchive")
def channel_unarchive(call: Call) -> None:
    """Bring a channel back."""
    room = CHANNELS.find(call, call.body, archived=True)
    if not room.get("archived"):
        raise failure(f"The channel, {room['name']}, is not archived")
    archive(call, room, False)


@routes.post("groups.unarchive")
def group_unarchive(call: Call) -> None:
    """Bring a group back."""
    archive(call, GROUPS.find(call, call.body, archived=True), False)


@routes.post("channels.delete")
def channel_delete(call: Call) -> None:
    """Delete a channel, GENERAL too."""
    room = CHANNELS.find(call, call.body, archived=True)
    rooms.erase(call.state, call.rights, room, call.me)


@routes.post("groups.delete")
def group_delete(call: Call) -> None:
    """Delete a group."""
    room = GROUPS.find(call, call.body, archived=True)
    rooms.erase(call.state, call.rights, room, call.me)


@routes.post("channels.convertToTeam", permissions=("create-team",))
def channel_to_team(call: Call) -> Doc:
    """Make a team of a channel."""
    body = call.body
    named = {"roomId": body["channelId"]} if "channelId" in body else {}
    room = CHANNELS.find(call, named or {"roomName": body["channelName"]})
    return _to_team(call, room)


@routes.post("groups.convertToTeam", permissions=("create-team",))
def group_to_team(call: Call) -> Doc:
    """Make a team of a group."""
    if not call.body.get("roomId") and not call.body.get("roomName"):
        raise failure('The parameter "roomId" or "roomName" is required')
    return _to_team(call, GROUPS.find(call, call.body))


def _to_team(call: Call, room: Doc) -> Doc:
    if not call.can("edit-room", rid=room["_id"]):
        raise forbidden()
    members = [sub["u"]["_id"] for sub in call.state.subs.where("room", room["_id"])]
    kind = 0 if room["t"] == "c" else 1
    team = teams.create(call.state, call.me, room["name"], kind, members, room=room)
    return {"team": team}
