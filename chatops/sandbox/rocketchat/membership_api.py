"""`channels.*` and `groups.*`: who comes, who goes, who owns, moderates and leads."""

from chatops.sandbox.rocketchat import messages, rooms
from chatops.sandbox.rocketchat.people import from_params, list_from_params
from chatops.sandbox.rocketchat.refusals import Refused, coded, failure
from chatops.sandbox.rocketchat.room_lookup import CHANNELS, GROUPS, Family
from chatops.sandbox.rocketchat.web import Call, Handler, Routes
from chatops.sandbox.store import Doc

routes = Routes()


def add_users(call: Call, room: Doc, users: list[Doc]) -> None:
    """Put people into a room, if the caller may."""
    state, rid = call.state, room["_id"]
    inside = state.sub(rid, call.me["_id"]) is not None
    allowed = (
        (inside and call.can("add-user-to-joined-room", rid=rid))
        or (room["t"] == "c" and call.can("add-user-to-any-c-room"))
        or (room["t"] == "p" and call.can("add-user-to-any-p-room"))
    )
    if not allowed:
        raise coded("error-not-allowed", "Not allowed", method="addUsersToRoom")
    for user in users:
        rooms.join(state, room, user, call.me)


@routes.post("channels.invite")
def channel_invite(call: Call) -> Doc:
    """Add people to a channel. The refusal of strangers swaps its two texts."""
    room = CHANNELS.find(call, call.body)
    users = list_from_params(call.state, call.body)
    if not users:
        raise failure("invalid-user-invite-list", "Cannot invite if no users are provided")
    add_users(call, room, users)
    return CHANNELS.answer(room)


@routes.post("groups.invite")
def group_invite(call: Call) -> Doc:
    """Add people to a group, an archived one too."""
    body, state = call.body, call.state
    named = body.get("roomId") or body.get("roomName")
    if not isinstance(named, str) or not named.strip():
        raise coded(
            "error-room-param-not-provided", 'The parameter "roomId" or "roomName" is required'
        )
    room = state.room(named) or state.room_named(named)
    if room is None or room["t"] != "p":
        raise GROUPS.missing()
    users = list_from_params(state, body)
    if not users:
        raise coded("error-empty-invite-list", "Cannot invite if no valid users are provided")
    add_users(call, room, users)
    return GROUPS.answer(room)


def kick(call: Call, room: Doc, user: Doc) -> None:
    """Take somebody out of a room, if the caller may."""
    state, method = call.state, "removeUserFromRoom"
    if not call.can("remove-user", rid=room["_id"]) or room["t"] not in "cp":
        raise coded("error-not-allowed", "Not allowed", method=method)
    any_user = call.can(f"kick-user-from-any-{room['t']}-room")
    if not any_user:
        if not rooms.can_access(state, call.rights, room, call.me):
            raise GROUPS.missing()
        if not state.sub(room["_id"], user["_id"]):
            raise coded("error-user-not-in-room", "User is not in this room", method=method)
    _not_last_owner(call, room, user, method)
    rooms.leave(state, room, user, call.me)


def _not_last_owner(call: Call, room: Doc, user: Doc, method: str) -> None:
    owners = rooms.owners(call.state, room["_id"])
    if len(owners) == 1 and owners[0]["u"]["_id"] == user["_id"]:
        raise coded(
            "error-you-are-last-owner",
            "You are the last owner. Please set new owner before leaving the room.",
            method=method,
        )


@routes.post("channels.kick")
def channel_kick(call: Call) -> Doc:
    """Take somebody out of a channel; one who is not in it is fine."""
    room = CHANNELS.find(call, call.body)
    kick(call, room, from_params(call.state, call.body))
    return CHANNELS.answer(room)


@routes.post("groups.kick")
def group_kick(call: Call) -> None:
    """Take somebody out of a group."""
    room = GROUPS.any_group(call, call.body)
    kick(call, room, from_params(call.state, call.body))


def leave_room(call: Call, room: Doc) -> None:
    """Go out of a room."""
    kind, method = room["t"], "leaveRoom"
    if kind not in "cp" or not call.can(f"leave-{kind}"):
        raise coded("error-not-allowed", "Not allowed", method=method)
    if not call.state.sub(room["_id"], call.me["_id"]):
        raise coded("error-user-not-in-room", "You are not in this room", method=method)
    _not_last_owner(call, room, call.me, method)
    rooms.leave(call.state, room, call.me)


@routes.post("channels.leave")
def channel_leave(call: Call) -> Doc:
    """Leave a channel."""
    room = CHANNELS.find(call, call.body)
    leave_room(call, room)
    return CHANNELS.answer(room)


@routes.post("groups.leave")
def group_leave(call: Call) -> None:
    """Leave a group."""
    leave_room(call, GROUPS.find(call, call.body))


def _add_all(call: Call, family: Family) -> Doc:
    room = family.find(call, call.body)
    state = call.state
    if not call.can("add-all-to-room"):
        raise coded(403, "Access to Method Forbidden", method="addAllToRoom")
    only_active = call.body.get("activeUsersOnly") in (True, "true", 1, "1")
    users = [user for user in state.users.all() if user["active"] or not only_active]
    if len(users) > state.settings.number("API_User_Limit"):
        raise coded("error-user-limit-exceeded", "User Limit Exceeded", method="addAllToRoom")
    for user in users:
        rooms.join(state, room, user)
    return family.answer(room)


@routes.post("channels.addAll")
def channel_add_all(call: Call) -> Doc:
    """Everybody into a channel."""
    return _add_all(call, CHANNELS)


@routes.post("groups.addAll")
def group_add_all(call: Call) -> Doc:
    """Everybody into a group."""
    return _add_all(call, GROUPS)


def join_room(call: Call, room: Doc) -> None:
    """Come into a room that is open to one."""
    state, user = call.state, call.me
    if not rooms.can_access(state, call.rights, room, user):
        raise coded("error-not-allowed", "Not allowed", method="joinRoom")
    if state.sub(room["_id"], user["_id"]):
        return
    code = room.get("joinCode")
    if code and code != call.body.get("joinCode") and not call.can("join-without-join-code"):
        raise coded("error-code-invalid", "Invalid Room Password", method="joinRoom")
    rooms.join(state, room, user)


@routes.post("channels.join")
def channel_join(call: Call) -> Doc:
    """Join a channel."""
    room = CHANNELS.find(call, call.body)
    join_room(call, room)
    return CHANNELS.answer(room)


def _toggle(call: Call, family: Family, wanted: bool) -> None:
    room = family.find(call, call.body, archived=True)
    sub = call.state.sub(room["_id"], call.me["_id"])
    words = f"The {family.words}, {room['name']}, is already"
    if sub is None:
        end = "" if family is CHANNELS and not wanted else '"'
        raise failure(f'The user/callee is not in the {family.key} "{room["name"]}{end}.')
    if sub["open"] == wanted:
        preposition = "for" if family is GROUPS and wanted else "to"
        raise failure(f"{words} {'open' if wanted else 'closed'} {preposition} the sender")
    call.state.save_sub({**sub, "open": wanted})


def _toggler(family: Family, wanted: bool) -> Handler:
    return lambda call: _toggle(call, family, wanted)


def change_role(call: Call, room: Doc, user: Doc, role: str, add: bool) -> None:
    """Make somebody owner, moderator or leader of a room, or no longer."""
    state, rid = call.state, room["_id"]
    details = {"method": f"{'add' if add else 'remove'}Room{role.title()}"}
    if not call.can(f"set-{role}", rid=rid):
        raise coded("error-not-allowed", "Not allowed", **details)
    sub = state.sub(rid, user["_id"])
    if sub is None:
        # Taking away from a stranger is answered with the wrong word, but for leaders.
        if not add and role != "leader":
            raise coded("error-invalid-room", "Invalid room", **details)
        raise coded("error-user-not-in-room", "User is not in this room", **details)
    roles = list(sub.get("roles", ()))
    article = "an" if role == "owner" else "a"
    if add and role in roles:
        raise coded(f"error-user-already-{role}", f"User is already {article} {role}", **details)
    if not add and role not in roles:
        raise coded(f"error-user-not-{role}", f"User is not {article} {role}", **details)
    if not add and role == "owner" and len(rooms.owners(state, rid)) == 1:
        raise _last_owner(details)
    sub["roles"] = [*roles, role] if add else [kept for kept in roles if kept != role]
    state.save_sub(sub)
    kind = "subscription-role-added" if add else "subscription-role-removed"
    messages.system(state, room, kind, user["username"], call.me, role=role)
    member = state.team_members.find("member", (room.get("teamId"), user["_id"]))
    if member and room.get("teamMain"):
        kept = [r for r in member.get("roles", ()) if r != role]
        state.team_members.put(member["_id"], {**member, "roles": kept + ([role] if add else [])})


def _last_owner(details: dict[str, str]) -> Refused:
    return coded(
        "error-remove-last-owner",
        "This is the last owner. Please set a new owner before removing this one.",
        **details,
    )


def _role_handler(family: Family, role: str, add: bool) -> Handler:
    def handler(call: Call) -> None:
        room = family.find(call, call.body)
        change_role(call, room, from_params(call.state, call.body), role, add)

    return handler


for _family in (CHANNELS, GROUPS):
    for _wanted, _verb in ((True, "open"), (False, "close")):
        routes.post(f"{_family.name}.{_verb}")(_toggler(_family, _wanted))
    for _role in ("owner", "moderator", "leader"):
        for _add, _verb in ((True, "add"), (False, "remove")):
            routes.post(f"{_family.name}.{_verb}{_role.title()}")(
                _role_handler(_family, _role, _add)
            )
