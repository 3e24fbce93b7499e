"""People who go: deactivated or deleted, and what becomes of the rooms they owned."""

from typing import Any

from chatops.sandbox.rocketchat import rooms
from chatops.sandbox.rocketchat.people import close_sessions
from chatops.sandbox.rocketchat.refusals import coded
from chatops.sandbox.rocketchat.rights import active_admins
from chatops.sandbox.rocketchat.state import CAT, State
from chatops.sandbox.store import Doc


def _heirs(state: State, user: Doc) -> tuple[list[Doc], list[tuple[Doc, Doc]]]:
    """The rooms that would go with somebody, and those that would pass to another."""
    removed, passed = [], []
    for sub in state.subs_of(user["_id"]):
        room = state.room(sub["rid"])
        if room is None or sub["t"] not in "cp":
            continue
        if "owner" not in sub.get("roles", ()):
            if sub["t"] != "c" and len(state.subs.where("room", room["_id"])) == 1:
                removed.append(room)
            continue
        if len(rooms.owners(state, room["_id"])) != 1:
            continue
        others = sorted(state.subs.where("room", room["_id"]), key=lambda s: str(s["ts"]))
        for other in others:
            heir = state.user(other["u"]["_id"])
            if heir and heir["_id"] != user["_id"] and heir["active"]:
                passed.append((room, other))
                break
        else:
            if sub["t"] != "c":
                removed.append(room)
    return removed, passed


def _relinquish(state: State, user: Doc, confirm: bool) -> list[str]:
    """Give up rooms, if that was agreed to; the identifiers of those that are gone."""
    removed, passed = _heirs(state, user)
    if (removed or passed) and not confirm:
        raise coded(
            "user-last-owner",
            "",
            shouldBeRemoved=[room.get("fname") or room["name"] for room in removed],
            shouldChangeOwner=[room.get("fname") or room["name"] for room, _ in passed],
        )
    for _, heir in passed:
        state.save_sub({**heir, "roles": [*heir.get("roles", []), "owner"]})
    for room in removed:
        rooms.drop(state, room)
    return [room["_id"] for room in removed]


def deactivate(state: State, user: Doc, active: bool, confirm: bool) -> None:
    """Let somebody in again, or keep them out: the last administrator stays."""
    if not active:
        admins = active_admins(state)
        if len(admins) == 1 and admins[0]["_id"] == user["_id"]:
            raise coded(
                "error-action-not-allowed",
                "Leaving the app without an active admin is not allowed",
                method="removeUserFromRole",
                action="Remove_last_admin",
            )
        _relinquish(state, user, confirm)
        user["inactiveReason"] = "deactivated"
        close_sessions(state, user["_id"])
    else:
        user.pop("inactiveReason", None)
        user.pop("reason", None)
    user["active"] = active
    state.save_user(user)
    for sub in state.subs_of(user["_id"]):
        room = state.room(sub["rid"])
        if room and room["t"] == "d" and len(room["uids"]) == 2:
            room["ro"] = not active
            state.save_room(room)


def delete_person(state: State, user: Doc, confirm: bool) -> list[str]:
    """Delete an account and, as `Message_ErasureType` says, what it wrote."""
    if user["_id"] == CAT:
        raise coded(
            "error-action-not-allowed",
            "Deleting the rocket.cat user is not allowed",
            method="deleteUser",
            action="Delete_user",
        )
    admins = state.users.where("role", "admin")
    if len(admins) == 1 and admins[0]["_id"] == user["_id"]:
        raise coded(
            "error-action-not-allowed",
            "Leaving the app without admins is not allowed",
            method="deleteUser",
            action="Remove_last_admin",
        )
    gone = _relinquish(state, user, confirm)
    erasure = state.settings["Message_ErasureType"]
    for message in state.messages.where("author", user["_id"]) if erasure != "Keep" else ():
        if erasure == "Delete":
            state.messages.delete(message["_id"])
        else:
            cat: Any = {"_id": CAT, "username": CAT, "name": "Rocket.Cat"}
            state.messages.put(message["_id"], {**message, "u": cat})
    for sub in state.subs_of(user["_id"]):
        room = state.room(sub["rid"])
        if room is None:
            state.subs.delete(sub["_id"])
        elif room["t"] == "d" and len(room["uids"]) <= 2:
            gone.insert(0, room["_id"])
            rooms.drop(state, room)
        else:
            rooms.unsubscribe(state, room, user)
    for member in state.team_members.where("user", user["_id"]):
        state.team_members.delete(member["_id"])
    close_sessions(state, user["_id"])
    for hook in [h for h in state.integrations.all() if h["userId"] == user["_id"]]:
        state.integrations.put(hook["_id"], {**hook, "enabled": False})
    state.users.delete(user["_id"])
    return gone
