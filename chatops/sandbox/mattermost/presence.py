"""Who is at their desk, who types, and what somebody has not read yet."""

import json

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import (
    need_in_channel,
    need_in_team,
    need_user,
)
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()

_WORDS = ("online", "offline", "away", "dnd")


@routes.post("/users/status/ids")
def statuses(call: Call) -> list[Doc]:
    """Who is at their desk."""
    return [status_of(call.site, user_id) for user_id in call.strings("user_ids")]


@routes.get("/users/{user_id}/status")
def get_status(call: Call) -> Doc:
    """Whether somebody is at their desk; of a stranger a real server says offline too."""
    return status_of(call.site, call.ident("user_id"))


@routes.put("/users/{user_id}/status")
def set_status(call: Call) -> Doc:
    """Say whether one is there; it stays so until it is said anew."""
    site, user_id = call.site, call.ident("user_id")
    given = call.record("status", {"user_id": str, "status": str, "dnd_end_time": int})
    if given.get("user_id") != user_id:
        bad_body("user_id")
    need_user(call, user_id)
    word = given.get("status")
    if word not in _WORDS:
        bad_body("status")
    end = given.get("dnd_end_time", 0) if word == "dnd" else 0
    said = {"status": word, "manual": True, "dnd_end_time": end}
    return site.statuses.put(user_id, status_of(site, user_id) | said)


def status_of(site: Site, user_id: str) -> Doc:
    """What a server says of somebody; who never did anything is offline."""
    return site.statuses.get(user_id) or {
        "user_id": user_id,
        "status": "offline",
        "manual": False,
        "last_activity_at": 0,
        "dnd_end_time": 0,
    }


def active(site: Site, user_id: str) -> None:
    """Somebody wrote: they are there, unless they said otherwise."""
    before = status_of(site, user_id)
    now = {"last_activity_at": site.now()}
    site.statuses.put(user_id, before | now | ({} if before["manual"] else {"status": "online"}))


@routes.put("/users/{user_id}/status/custom")
def set_custom(call: Call) -> Doc:
    """A word and a picture of one's own, kept with the person."""
    user = _of_custom(call)
    shape = {"emoji": str, "text": str, "duration": str, "expires_at": str}
    given = call.record("custom_status", shape)
    if not given.get("emoji") and not given.get("text"):
        bad_body("custom_status")
    full = {"emoji": "speech_balloon", "text": "", "duration": ""} | given
    full |= {"expires_at": given.get("expires_at", "0001-01-01T00:00:00Z")}
    _keep_custom(call.site, user, json.dumps(full))
    return OK


@routes.delete("/users/{user_id}/status/custom")
def remove_custom(call: Call) -> Doc:
    """Take it back."""
    _keep_custom(call.site, _of_custom(call), "")
    return OK


def _of_custom(call: Call) -> Doc:
    if not call.site.setting("TeamSettings", "EnableCustomUserStatuses"):
        refuse("api.custom_status.disabled", 501)
    need_user(call, call.ident("user_id"))
    return call.site.user(call.ident("user_id"))


def _keep_custom(site: Site, user: Doc, text: str) -> None:
    props = {**(user.get("props") or {}), "customStatus": text}
    site.save_user(user | {"props": props, "update_at": site.now()})


@routes.get("/users/{user_id}/channels/{channel_id}/unread")
def channel_unread(call: Call) -> Doc:
    """How much of a channel somebody has not read."""
    site, user_id, channel_id = call.site, call.ident("user_id"), call.ident("channel_id")
    need_user(call, user_id)
    need_in_channel(call, channel_id, "read_channel")
    member = site.channel_members.get(f"{channel_id}:{user_id}")
    if member is None:
        refuse("app.channel.get_unread.app_error", 404)
    return {
        "team_id": site.channel(channel_id)["team_id"],
        "channel_id": channel_id,
        **_behind(site, member),
        "urgent_mention_count": 0,
    }


@routes.get("/users/{user_id}/teams/{team_id}/unread")
def team_unread(call: Call) -> Doc:
    """How much of a team somebody has not read."""
    user_id, team_id = call.ident("user_id"), call.ident("team_id")
    need_user(call, user_id)
    need_in_team(call, team_id, "view_team")
    return _of_team(call.site, user_id, team_id)


@routes.get("/users/{user_id}/teams/unread")
def teams_unread(call: Call) -> list[Doc]:
    """The same of each of somebody's teams; `exclude_team` leaves one out."""
    user_id = call.ident("user_id")
    need_user(call, user_id)
    mine = [m["team_id"] for m in call.site.team_members.where("user", user_id)]
    return [_of_team(call.site, user_id, t) for t in mine if t != call.arg("exclude_team")]


def _behind(site: Site, member: Doc) -> Doc:
    channel = site.channel(member["channel_id"])
    return {
        "msg_count": max(channel["total_msg_count"] - member["msg_count"], 0),
        "mention_count": member["mention_count"],
        "mention_count_root": member["mention_count_root"],
        "msg_count_root": max(channel["total_msg_count_root"] - member["msg_count_root"], 0),
    }


def _of_team(site: Site, user_id: str, team_id: str) -> Doc:
    counts = [
        _behind(site, member)
        for member in site.channel_members.where("user", user_id)
        if (site.channels.get(member["channel_id"]) or {}).get("team_id") == team_id
    ]
    names = ("msg_count", "mention_count", "mention_count_root", "msg_count_root")
    threads = {"thread_count": 0, "thread_mention_count": 0, "thread_urgent_mention_count": 0}
    return {"team_id": team_id, **{n: sum(c[n] for c in counts) for n in names}, **threads}
