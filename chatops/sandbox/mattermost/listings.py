"""Channels in lists: of the whole server, of a team, of a person; counts and searches."""

from collections.abc import Iterable
from typing import Any

from chatops.sandbox.mattermost.errors import bad_body, bad_url, forbidden, refuse
from chatops.sandbox.mattermost.membership import default_channels
from chatops.sandbox.mattermost.permissions import (
    has,
    has_in_channel,
    has_in_team,
    need,
    need_any,
    need_in_channel,
    need_in_team,
    need_user,
)
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call, Routes
from chatops.sandbox.mattermost.words import is_id, rank
from chatops.sandbox.store import Doc

routes = Routes()

_ALL_CHANNELS = (
    "sysconsole_write_user_management_groups",
    "sysconsole_read_user_management_channels",
    "sysconsole_read_compliance_data_retention_policy",
)


def _sorted(channels: Iterable[Doc]) -> list[Doc]:
    return sorted(channels, key=lambda channel: rank(channel["display_name"]))


def _with_team(site: Site, channel: Doc) -> Doc:
    team = site.team(channel["team_id"])
    return channel | {
        "team_display_name": team["display_name"],
        "team_name": team["name"],
        "team_update_at": team["update_at"],
    }


def _everywhere(site: Site, *, deleted: bool, no_defaults: bool) -> list[Doc]:
    without = set(default_channels(site)) if no_defaults else set()
    found = [
        channel
        for channel in site.channels.all()
        if channel["type"] in ("O", "P")
        and (deleted or not channel["delete_at"])
        and channel["name"] not in without
        and channel["team_id"] in site.teams
    ]
    teams = {team["id"]: rank(team["display_name"]) for team in site.teams.all()}
    found.sort(key=lambda channel: (rank(channel["display_name"]), teams[channel["team_id"]]))
    return found


@routes.get("/channels")
def all_channels(call: Call) -> Any:
    """The channels of all teams, private ones too, for administrators."""
    need_any(call, _ALL_CHANNELS)
    found = _everywhere(
        call.site,
        deleted=call.flag("include_deleted"),
        no_defaults=call.flag("exclude_default_channels"),
    )
    page = [_with_team(call.site, channel) for channel in call.cut(found)]
    if call.flag("include_total_count"):
        return {"channels": page, "total_count": len(found)}
    return page


@routes.post("/channels/search")
def search_channels(call: Call) -> Any:
    """Channels of all teams by a term."""
    shape = {
        "term": str, "page": int, "per_page": int, "public": bool, "private": bool,
        "deleted": bool, "include_deleted": bool, "team_ids": list,
        "exclude_default_channels": bool,
    }  # fmt: skip
    props = call.record("channel_search", shape)
    site, term = call.site, props.get("term", "").strip().lower()
    if call.arg("system_console") and not call.flag("system_console"):
        mine = {m["channel_id"] for m in site.channel_members.where("user", call.my_id)}
        found = _everywhere(site, deleted=False, no_defaults=False)
        found = [c for c in found if c["id"] in mine or c["type"] == "O"]
        return [_with_team(site, channel) for channel in found if _matches(channel, term)]
    need_any(call, _ALL_CHANNELS)
    deleted = props.get("include_deleted") or call.flag("include_deleted") or props.get("deleted")
    found = _everywhere(
        site, deleted=bool(deleted), no_defaults=props.get("exclude_default_channels", False)
    )
    kinds = {"O"} if props.get("public") else {"P"} if props.get("private") else {"O", "P"}
    teams = set(props.get("team_ids", []))
    found = [
        channel
        for channel in found
        if _matches(channel, term)
        and channel["type"] in kinds
        and (not teams or channel["team_id"] in teams)
        and (not props.get("deleted") or channel["delete_at"])
    ]
    if "page" in props and "per_page" in props:
        start = props["page"] * props["per_page"]
        page = found[start : start + props["per_page"]]
        return {"channels": [_with_team(site, c) for c in page], "total_count": len(found)}
    return [_with_team(site, channel) for channel in found[:100]]


def _matches(channel: Doc, term: str) -> bool:
    return any(
        word.startswith(term) or term in word
        for word in (channel["name"], channel["display_name"].lower(), channel["purpose"].lower())
    )


def _of_team(call: Call, team_id: str, kind: str) -> list[Doc]:
    found = call.site.channels.where("team", team_id)
    return _sorted(c for c in found if c["type"] == kind and not c["delete_at"])


@routes.get("/teams/{team_id}/channels")
def public_channels(call: Call) -> list[Doc]:
    """A team's public channels."""
    team_id = call.ident("team_id")
    need_in_team(call, team_id, "list_team_channels")
    return list(call.cut(_of_team(call, team_id, "O")))


@routes.get("/teams/{team_id}/channels/private")
def private_channels(call: Call) -> list[Doc]:
    """A team's private channels, for administrators."""
    team_id = call.ident("team_id")
    need(call, "manage_system")
    return list(call.cut(_of_team(call, team_id, "P")))


@routes.get("/teams/{team_id}/channels/deleted")
def deleted_channels(call: Call) -> list[Doc]:
    """A team's archived channels; private ones only for members and administrators."""
    site, team_id = call.site, call.ident("team_id")
    need_in_team(call, team_id, "list_team_channels")
    everything = has(site, call.me, "manage_system")
    found = [
        channel
        for channel in site.channels.where("team", team_id)
        if channel["delete_at"]
        and (
            everything
            or channel["type"] == "O"
            or f"{channel['id']}:{call.my_id}" in site.channel_members
        )
    ]
    return list(call.cut(_sorted(found)))


@routes.post("/teams/{team_id}/channels/ids")
def channels_by_ids(call: Call) -> list[Doc]:
    """A team's public channels by identifiers."""
    site, team_id = call.site, call.ident("team_id")
    wanted = call.strings("channel_ids")
    if not all(is_id(ident) for ident in wanted):
        bad_body("channel_id")
    need_in_team(call, team_id, "view_team")
    found = [
        channel
        for channel in map(site.channels.get, wanted)
        if channel
        and channel["team_id"] == team_id
        and channel["type"] == "O"
        and not channel["delete_at"]
    ]
    if not found:
        refuse("app.channel.get_channels_by_ids.not_found.app_error", 404)
    return _sorted(found)


@routes.post("/teams/{team_id}/channels/search")
def search_in_team(call: Call) -> list[Doc]:
    """A team's public channels by a term."""
    team_id = call.ident("team_id")
    term = call.record("channel_search", {"term": str}).get("term", "").lower()
    need_in_team(call, team_id, "list_team_channels")
    return [channel for channel in _of_team(call, team_id, "O") if _matches(channel, term)]


@routes.get("/teams/{team_id}/channels/autocomplete")
def autocomplete(call: Call) -> list[Doc]:
    """Channels to offer while a name is typed."""
    team_id, term = call.ident("team_id"), call.arg("name").lower()
    need_in_team(call, team_id, "list_team_channels")
    return [c for c in _of_team(call, team_id, "O") if _matches(c, term)][:50]


@routes.get("/teams/{team_id}/channels/search_autocomplete")
def search_autocomplete(call: Call) -> list[Doc]:
    """Channels of one's own to offer while a name is typed."""
    team_id, term = call.ident("team_id"), call.arg("name").lower()
    return [c for c in _of_user(call.site, call.my_id, team_id) if _matches(c, term)][:50]


def _of_user(site: Site, user_id: str, team_id: str, *, deleted: bool = False) -> list[Doc]:
    """Somebody's channels; in a team, direct and group messages come with them."""
    found = [
        channel
        for member in site.channel_members.where("user", user_id)
        if (channel := site.channels.get(member["channel_id"])) is not None
        and (not team_id or channel["team_id"] in (team_id, ""))
        and (deleted or not channel["delete_at"])
    ]
    return _sorted(found)


@routes.get("/users/{user_id}/teams/{team_id}/channels")
def channels_of_user_in_team(call: Call) -> list[Doc]:
    """Somebody's channels in a team."""
    user_id, team_id = call.ident("user_id"), call.ident("team_id")
    need_user(call, user_id)
    need_in_team(call, team_id, "view_team")
    _check_since(call)
    found = _of_user(call.site, user_id, team_id, deleted=call.flag("include_deleted"))
    if not found:
        refuse("app.channel.get_channels.not_found.app_error", 404)
    return found


@routes.get("/users/{user_id}/channels")
def channels_of_user(call: Call) -> list[Doc]:
    """Somebody's channels in all teams."""
    user_id = call.ident("user_id")
    need_user(call, user_id)
    _check_since(call)
    found = _of_user(call.site, user_id, "", deleted=call.flag("include_deleted"))
    if not found:
        refuse("app.channel.get_channels.not_found.app_error", 404)
    return sorted(found, key=lambda channel: str(channel["id"]))


def _check_since(call: Call) -> None:
    if call.number("last_delete_at", 0, lowest=-(1 << 62)) < 0:
        bad_url("last_delete_at")


@routes.get("/channels/{channel_id}/stats")
def channel_stats(call: Call) -> Doc:
    """How many members, guests, pinned posts and files a channel has."""
    site, channel_id = call.site, call.ident("channel_id")
    need_in_channel(call, channel_id, "read_channel")
    return {
        "channel_id": channel_id,
        "member_count": member_count(site, channel_id),
        "guest_count": 0,
        "pinnedpost_count": site.posts.count("pinned", channel_id),
        "files_count": -1 if call.flag("exclude_files_count") else 0,
    }


def member_count(site: Site, channel_id: str) -> int:
    """The members of a channel who are not deactivated."""
    members = site.channel_members.where("channel", channel_id)
    return sum(1 for member in members if not site.user(member["user_id"])["delete_at"])


@routes.post("/channels/stats/member_count")
def member_counts(call: Call) -> dict[str, int]:
    """The numbers of members of several channels at once."""
    site, wanted = call.site, call.strings()
    channels = [channel for channel in map(site.channels.get, wanted) if channel]
    if not channels:
        refuse("app.channel.get.existing.app_error", 404)
    for channel in channels:
        may = has_in_channel(site, call.me, channel["id"], "read_channel")
        if not may and not has_in_team(site, call.me, channel["team_id"], "list_team_channels"):
            forbidden()
    return {channel["id"]: member_count(site, channel["id"]) for channel in channels}


@routes.get("/channels/{channel_id}/timezones")
def timezones(call: Call) -> list[str]:
    """The time zones of a channel's members."""
    site, channel_id = call.site, call.ident("channel_id")
    need_in_channel(call, channel_id, "read_channel")
    zones = set()
    for member in site.channel_members.where("channel", channel_id):
        zone = site.user(member["user_id"])["timezone"]
        automatic = zone.get("useAutomaticTimezone") == "true"
        zones.add(zone.get("automaticTimezone" if automatic else "manualTimezone", ""))
    return sorted(zones - {""})
