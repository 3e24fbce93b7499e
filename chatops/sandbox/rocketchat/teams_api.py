"""`teams.*`. Many of its refusals are one bare word."""

from typing import Any

from chatops.sandbox.rocketchat import messages, room_settings, rooms, teams
from chatops.sandbox.rocketchat.family_api import match_text
from chatops.sandbox.rocketchat.listing import finder, only, ordered
from chatops.sandbox.rocketchat.refusals import failure, forbidden, not_found
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
ONE_OF = "Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation"


def _find(call: Call, params: Doc) -> Doc | None:
    if params.get("teamId"):
        return call.state.team(params["teamId"])
    return call.state.team_named(params.get("teamName"))


def _team(call: Call, *permissions: str, reading: bool = False) -> Doc:
    """The team that a call names, if the caller may do with it what they want."""
    params = call.query if reading else call.body
    if reading and "teamId" not in params and "teamName" not in params:
        raise failure(ONE_OF)
    team = _find(call, params)
    if team is None:
        raise failure("team-does-not-exist")
    if permissions and not call.can(*permissions, rid=team["roomId"]):
        raise forbidden()
    return team


@routes.post("teams.create", permissions=("create-team",))
def create(call: Call) -> Doc:
    """A new team with its main room."""
    body = call.body
    for field, kind in (("name", "string"), ("type", "")):
        if field not in body:
            raise failure(f"Match error: Missing key '{field}'")
        if kind and not isinstance(body[field], str):
            got = rooms.json_kind(body[field])
            raise failure(f"Match error: Expected {kind}, got {got} in field {field}")
    if body["type"] not in (0, 1) or isinstance(body["type"], bool):
        raise failure(f"{ONE_OF} in field type")
    members, room = body.get("members"), body.get("room")
    if members is not None and (
        not isinstance(members, list) or any(not isinstance(m, str) for m in members)
    ):
        raise failure(f"{ONE_OF} in field members")
    match_text(body.get("owner"), "owner")
    options = room if isinstance(room, dict) else {}
    existing = call.state.room(options.get("id"))
    team = teams.create(
        call.state,
        call.me,
        body["name"],
        body["type"],
        members,
        body.get("owner"),
        existing,
        options,
    )
    return {"team": team}


def _page(call: Call, found: list[Doc]) -> Doc:
    page = call.page()
    docs = [teams.counted(call.state, team) for team in page.of(found)]
    return {"teams": docs, "total": len(found), "count": len(docs), "offset": page.offset}


@routes.get("teams.list")
def list_mine(call: Call) -> Doc:
    """The caller's teams."""
    members = call.state.team_members.where("user", call.me["_id"])
    found = [call.state.team(member["teamId"]) for member in members]
    return _page(call, ordered([t for t in found if t], call.sort({"createdAt": 1})))


@routes.get("teams.listAll", permissions=("view-all-teams",))
def list_all(call: Call) -> Doc:
    """Every team."""
    return _page(call, list(call.state.teams.all()))


@routes.get("teams.info")
def info(call: Call) -> Doc:
    """One team."""
    if "teamId" not in call.query and "teamName" not in call.query:
        raise failure(ONE_OF)
    team = _find(call, call.query)
    if team is None:
        raise failure("Team not found")
    room = call.state.room(team["roomId"])
    if room is None:
        raise failure("Room not found")
    seen = rooms.can_access(call.state, call.rights, room, call.me)
    if not seen and not call.can("view-all-teams"):
        raise forbidden()
    return {"teamInfo": team}


@routes.get("teams.members")
def members(call: Call) -> Doc:
    """The active members of a team; an empty list for those who have no business there."""
    state, query = call.state, call.query
    team = _team(call, reading=True)
    match_text(query.get("username"), "username")
    match_text(query.get("name"), "name")
    mine = state.team_members.find("member", (team["_id"], call.me["_id"]))
    page = call.page()
    found = []
    for member in (
        state.team_members.where("team", team["_id"])
        if mine or call.can("view-all-teams", rid=team["roomId"])
        else ()
    ):
        user = state.user(member["userId"])
        if user and user["active"] and _wanted(user, query):
            found.append((member, user))
    found.sort(
        key=lambda pair: (str(pair[0]["createdAt"]), "owner" not in pair[0].get("roles", ()))
    )
    docs = [_member(member, user) for member, user in page.of(found)]  # type: ignore[arg-type]
    return {"members": docs, "total": len(found), "count": len(docs), "offset": page.offset}


def _wanted(user: Doc, query: dict[str, Any]) -> bool:
    status = query.get("status")
    wanted = status if isinstance(status, list) else [status] if status else []
    return (not wanted or user["status"] in wanted) and all(
        finder(query[key]).search(user.get(key) or "")
        for key in ("username", "name")
        if query.get(key)
    )


def _member(member: Doc, user: Doc) -> Doc:
    doc: Doc = {"user": only(user, ("_id", "username", "name", "status", "settings"))}
    doc |= only(member, ("roles",))
    return doc | {"createdBy": member["createdBy"], "createdAt": member["createdAt"]}


@routes.post("teams.addMembers")
def add_members(call: Call) -> None:
    """Put people into a team; those who are in it get further roles."""
    team = _team(call, "add-team-member", "edit-team-member")
    for member in call.body["members"]:
        user = call.state.user(member["userId"])
        if user is None:
            # Nobody looks whether there is such a person before a field of them is read.
            raise failure("Cannot read properties of null (reading '_id')")
        teams.add_member(call.state, team, user, call.me, member.get("roles"))


@routes.post("teams.updateMember")
def update_member(call: Call) -> None:
    """Replace somebody's roles in a team."""
    team = _team(call, "edit-team-member")
    state, member = call.state, call.body["member"]
    if not member["userId"]:
        raise failure("invalid-user")
    roles = member.get("roles") or []
    kept = state.team_members.find("member", (team["_id"], member["userId"]))
    if kept:
        state.team_members.put(kept["_id"], {**kept, "roles": roles})
    sub = state.sub(team["roomId"], member["userId"])
    if sub:
        state.save_sub({**sub, "roles": roles})


def _chosen(call: Call, team: Doc, wanted: Any) -> list[Doc]:
    return [room for room in teams.inner_rooms(call.state, team) if room["_id"] in (wanted or ())]


@routes.post("teams.removeMember")
def remove_member(call: Call) -> None:
    """Take somebody out of a team, and out of some of its rooms."""
    team = _team(call, "edit-team-member")
    user = call.state.user(call.body["userId"])
    if user is None or not user["active"]:
        raise failure("invalid-user")
    teams.remove_member(call.state, team, user["_id"], call.me)
    for room in _chosen(call, team, call.body.get("rooms")):
        rooms.leave(call.state, room, user, call.me)


@routes.post("teams.leave")
def leave(call: Call) -> None:
    """Leave a team, and some of its rooms."""
    team = _team(call)
    teams.remove_member(call.state, team, call.me["_id"], call.me)
    for room in _chosen(call, team, call.body.get("rooms")):
        rooms.leave(call.state, room, call.me)


@routes.post("teams.addRooms")
def add_rooms(call: Call) -> Doc:
    """Move rooms into a team; the caller must own each."""
    state, body = call.state, call.body
    wanted = body.get("rooms")
    named = isinstance(body.get("teamId"), str) or isinstance(body.get("teamName"), str)
    if not named or not isinstance(wanted, list) or any(not isinstance(r, str) for r in wanted):
        raise failure(ONE_OF)
    team = _team(call)
    if not call.can("move-room-to-team", rid=team["roomId"]):
        raise forbidden("error-no-permission-team-channel")
    found = [state.room(rid) for rid in wanted if rid]
    valid = [room for room in found if room]
    seen = [rooms.can_access(state, call.rights, room, call.me) for room in valid]
    if len(valid) < len(found) or not all(seen):
        raise failure("invalid-room")
    main = state.room(team["roomId"])
    for room in valid:
        if room.get("teamId"):
            raise failure("room-already-on-team")
        sub = state.sub(room["_id"], call.me["_id"])
        if sub is None or "owner" not in sub.get("roles", ()):
            raise failure("error-no-owner-channel")
    for room in valid:
        room["teamId"] = team["_id"]
        state.save_room(room)
        if room["t"] == "c" and main:
            messages.system(state, main, "user-added-room-to-team", room["name"], call.me)
    return {"rooms": [rooms.shown(room) for room in valid]}


def _visible(call: Call, team: Doc, room: Doc | None) -> Doc:
    if room is None:
        raise failure("invalid-room")
    everything = call.can("view-all-team-channels", rid=team["roomId"])
    if not everything and not rooms.can_access(call.state, call.rights, room, call.me):
        raise failure("invalid-room")
    return room


@routes.post("teams.removeRoom")
def remove_room(call: Call) -> Doc:
    """Let a room out of a team."""
    state = call.state
    team = _team(call, "remove-team-channel")
    room = _visible(call, team, state.room(call.body["roomId"]))
    if room.get("teamId") != team["_id"]:
        raise failure("room-not-on-that-team")
    for key in ("teamId", "teamDefault"):
        room.pop(key, None)
    state.save_room(room)
    main = state.room(team["roomId"])
    if room["t"] == "c" and main:
        messages.system(state, main, "user-removed-room-from-team", room["name"], call.me)
    return {"room": rooms.shown(room)}


@routes.post("teams.updateRoom")
def update_room(call: Call) -> Doc:
    """Whether members of the team come into a room by themselves."""
    state, body = call.state, call.body
    for field, kind, name in (("roomId", str, "string"), ("isDefault", bool, "boolean")):
        if field not in body:
            raise failure(f"Match error: Missing key '{field}'")
        if not isinstance(body[field], kind):
            got = rooms.json_kind(body[field])
            raise failure(f"Match error: Expected {name}, got {got} in field {field}")
    room = state.room(body["roomId"])
    if room is None:
        raise failure("invalid-room")
    if not room.get("teamId"):
        raise failure("room-not-on-team")
    team = state.team(room["teamId"])
    if team is None:
        raise failure("team-does-not-exist")
    if not call.can("edit-team-channel", rid=team["roomId"]):
        raise forbidden()
    _visible(call, team, room)
    room["teamDefault"] = body["isDefault"]
    state.save_room(room)
    if body["isDefault"]:
        limit = state.settings.number("API_User_Limit")
        for member in state.team_members.where("team", team["_id"])[:limit]:
            user = state.user(member["userId"])
            if user and user["active"]:
                rooms.join(state, room, user, call.me)
    return {"room": rooms.shown(room)}


@routes.get("teams.listRooms")
def list_rooms(call: Call) -> Doc:
    """The rooms of a team."""
    state, query = call.state, call.query
    team = _team(call, reading=True)
    _not_private(call, team)
    everything = call.can("view-all-team-channels", rid=team["roomId"])
    pattern = finder(query["filter"]) if query.get("filter") else None
    found = [
        room
        for room in teams.inner_rooms(state, team)
        if (everything or room["t"] == "c" or state.sub(room["_id"], call.me["_id"]))
        and (pattern is None or pattern.search(room["name"]))
        and (query.get("type") != "autoJoin" or room.get("teamDefault"))
    ]
    return _rooms_page(call, found)


def _not_private(call: Call, team: Doc) -> None:
    mine = call.state.team_members.find("member", (team["_id"], call.me["_id"]))
    if team["type"] == 1 and not mine and not call.can("view-all-teams", rid=team["roomId"]):
        raise failure("user-not-on-private-team")


def _rooms_page(call: Call, found: list[Doc]) -> Doc:
    page = call.page()
    docs = [rooms.shown(room) for room in page.of(found)]
    return {"rooms": docs, "total": len(found), "count": len(docs), "offset": page.offset}


@routes.get("teams.listRoomsOfUser")
def list_rooms_of_user(call: Call) -> Doc:
    """The rooms of a team that somebody is in."""
    state, uid = call.state, call.query.get("userId")
    team = _team(call, reading=True)
    if not isinstance(uid, str):
        raise failure("Match error: Missing key 'userId'")
    if uid != call.me["_id"] and not call.can("view-all-team-channels", rid=team["roomId"]):
        raise forbidden()
    _not_private(call, team)
    deletable = call.query.get("canUserDelete") == "true"
    found = []
    for room in teams.inner_rooms(state, team):
        sub = state.sub(room["_id"], uid)
        right = f"delete-{room['t']}"
        if sub and (not deletable or call.rights.can(state.user(uid), right, room["_id"])):
            owns = "owner" in sub.get("roles", ()) and len(rooms.owners(state, room["_id"])) == 1
            found.append({**room, "isLastOwner": owns})
    return _rooms_page(call, found)


@routes.get("teams.listChildren")
def list_children(call: Call) -> Doc:
    """The rooms of a team and the discussions of its main room."""
    state, query = call.state, call.query
    inner = state.room(query.get("roomId"))
    team = state.team(inner["teamId"]) if inner and inner.get("teamId") else _find(call, query)
    if team is None:
        raise not_found()
    if not state.team_members.find("member", (team["_id"], call.me["_id"])):
        raise failure("error-invalid-team-not-a-member")
    kind = query.get("type")
    main = state.room(team["roomId"])
    found = [main] if main and kind != "discussions" else []
    if kind != "discussions":
        found += [
            room
            for room in teams.inner_rooms(state, team)
            if room["t"] == "c" or state.sub(room["_id"], call.me["_id"])
        ]
    if kind != "channels":
        found += state.rooms.where("parent", team["roomId"])
    if query.get("filter"):
        pattern = finder(query["filter"])
        found = [room for room in found if pattern.search(room.get("fname") or room["name"])]
    page = call.page()
    docs = [rooms.shown(room) for room in page.of(found)]
    return {"data": docs, "total": len(found), "offset": page.offset, "count": page.count}


@routes.post("teams.update")
def update(call: Call) -> None:
    """Rename a team, make it private or public; its main room follows."""
    state, data = call.state, call.body["data"]
    team = _team(call, "edit-team")
    room = state.room(team["roomId"])
    if room and data.get("name"):
        room_settings.rename(state, room, call.me, data["name"], with_team=False)
    if room and data.get("type") is not None:
        room_settings.retype(
            state, room, call.me, "p" if data["type"] == 1 else "c", with_team=False
        )
    if room:
        state.save_room(room)
    state.teams.put(team["_id"], {**team, **only(data, ("name", "type"))})


def _erase_chosen(call: Call, team: Doc) -> None:
    for room in _chosen(call, team, call.body.get("roomsToRemove")):
        rooms.erase(call.state, call.rights, room, call.me)


@routes.post("teams.convertToChannel")
def to_channel(call: Call) -> None:
    """Keep the main room, let the team go."""
    team = _team(call, "convert-team")
    _erase_chosen(call, team)
    teams.dissolve(call.state, team, call.me)


@routes.post("teams.delete")
def delete(call: Call) -> None:
    """Delete a team with its main room; its other rooms stay, but those that are named."""
    team = _team(call, "delete-team")
    _erase_chosen(call, team)
    main = call.state.room(team["roomId"])
    teams.dissolve(call.state, team, call.me)
    if main:
        rooms.drop(call.state, main)


@routes.get("teams.autocomplete")
def autocomplete(call: Call) -> Doc:
    """Teams that begin so."""
    name = call.query.get("name")
    if not isinstance(name, str):
        raise failure("Match error: Missing key 'name'")
    pattern = finder(name, start=True)
    state, found = call.state, []
    for team in state.teams.all():
        room = state.room(team["roomId"])
        if room and pattern.search(room["name"]):
            seen = room["t"] == "c" or state.sub(room["_id"], call.me["_id"])
            if seen:
                found.append(only(room, ("_id", "fname", "teamId", "name", "t", "avatarETag")))
    return {"teams": ordered(found, {"name": 1})[:10]}
