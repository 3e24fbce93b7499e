"""Teams: a main room, its members, and the rooms that belong to it."""

from typing import Any

from chatops.sandbox.rocketchat import messages, people, rooms
from chatops.sandbox.rocketchat.refusals import Refused, failure
from chatops.sandbox.rocketchat.state import State, long_id
from chatops.sandbox.store import Doc


def member_names(state: State, names: list[Any]) -> list[str]:
    """The user names of all members of some teams."""
    found = []
    for name in names:
        team = state.team_named(name)
        for member in state.team_members.where("team", team["_id"]) if team else ():
            user = state.user(member["userId"])
            if user and user["active"]:
                found.append(user["username"])
    return found


def create(
    state: State,
    creator: Doc,
    name: str,
    kind: int,
    members: list[str] | None = None,
    owner: str | None = None,
    room: Doc | None = None,
    options: Doc | None = None,
) -> Doc:
    """Make a team, around a room that exists or with a new one. Its refusals have bare texts."""
    if not people.username_free(state, name):
        raise failure("team-name-already-exists")
    existing = state.room_named(name)
    if existing and (room is None or existing["_id"] != room["_id"]):
        raise failure("room-name-already-exists")
    invited = [state.user(m) or state.named(m) for m in members or []]
    joining = {user["_id"]: user for user in invited if user and user["active"]}
    head = state.user(owner) if owner else creator
    if room is None:
        room = _main_room(state, head, name, kind, list(joining.values()), options or {})
    now = state.now()
    by = {"_id": creator["_id"], "username": creator["username"]}
    team: Doc = {"_id": long_id(), "name": name, "type": kind, "createdAt": now}
    team |= {"createdBy": by, "_updatedAt": now, "roomId": room["_id"]}
    state.teams.put(team["_id"], team)
    head_id = head["_id"] if head else creator["_id"]
    for uid in [*(uid for uid in joining if uid != head_id), head_id]:
        member: Doc = {"_id": long_id(), "teamId": team["_id"], "userId": uid, "createdAt": now}
        member["createdBy"] = by
        if uid == head_id:
            member["roles"] = ["owner"]
        state.team_members.put(member["_id"], member)
    converted = "_id" in (options or {}) or existing is not None
    room |= {"teamId": team["_id"], "teamMain": True}
    state.save_room(room)
    if converted:
        messages.system(state, room, "user-converted-to-team", name, creator)
    return team


def _main_room(
    state: State, head: Doc | None, name: str, kind: int, members: list[Doc], options: Doc
) -> Doc:
    # Whatever goes wrong with the room is told in one word.
    if head is None:
        raise failure("error-team-creation")
    names = [user["username"] for user in members]
    extra = options.get("extraData") or {}
    try:
        return rooms.create(
            state,
            "p" if kind == 1 else "c",
            name,
            head,
            names,
            options.get("readOnly", False),
            extra if isinstance(extra, dict) else {},
        )
    except Refused:
        raise failure("error-team-creation") from None


def add_member(state: State, team: Doc, user: Doc, by: Doc, roles: list[str] | None) -> None:
    """Put somebody into a team. Roles are added to those they have, whatever they are called."""
    room = state.room(team["roomId"])
    if room:
        rooms.join(state, room, user, by)
    member = state.team_members.find("member", (team["_id"], user["_id"]))
    if member and roles:
        kept = list(dict.fromkeys([*member.get("roles", ()), *roles]))
        state.team_members.put(member["_id"], {**member, "roles": kept})
        sub = state.sub(team["roomId"], user["_id"])
        if sub:
            known = [role for role in kept if role in ("owner", "moderator", "leader")]
            state.save_sub({**sub, "roles": list(dict.fromkeys([*sub.get("roles", ()), *known]))})


def remove_member(state: State, team: Doc, uid: str, by: Doc) -> None:
    """Take somebody out of a team and its main room."""
    member = state.team_members.find("member", (team["_id"], uid))
    sub = state.sub(team["roomId"], uid)
    if member is None and sub is None:
        raise failure("member-does-not-exist")
    if member:
        if "owner" in member.get("roles", ()):
            everybody = state.team_members.where("team", team["_id"])
            if sum("owner" in other.get("roles", ()) for other in everybody) == 1:
                raise failure("last-owner-can-not-be-removed")
        state.team_members.delete(member["_id"])
    user, room = state.user(uid), state.room(team["roomId"])
    if user and room:
        rooms.leave(state, room, user, None if by["_id"] == uid else by)


def inner_rooms(state: State, team: Doc) -> list[Doc]:
    """The rooms of a team, less the main one."""
    return [room for room in state.rooms.where("team", team["_id"]) if not room.get("teamMain")]


def counted(state: State, team: Doc) -> Doc:
    """A team as lists show it."""
    return {
        **team,
        "rooms": len(inner_rooms(state, team)),
        "numberOfUsers": len(state.team_members.where("team", team["_id"])),
    }


def dissolve(state: State, team: Doc, user: Doc) -> None:
    """Let the rooms of a team go, the main one too; then there is no team."""
    main = state.room(team["roomId"])
    if main:
        messages.system(state, main, "user-converted-to-channel", main["name"], user)
    for room in state.rooms.where("team", team["_id"]):
        for key in ("teamId", "teamMain", "teamDefault"):
            room.pop(key, None)
        state.save_room(room)
    for member in state.team_members.where("team", team["_id"]):
        state.team_members.delete(member["_id"])
    state.teams.delete(team["_id"])
