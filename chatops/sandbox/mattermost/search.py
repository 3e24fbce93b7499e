"""Posts that are looked for: by words, and those that somebody flagged.

Words are compared whole and without capitals. The real server asks PostgreSQL, which also leaves
out words such as "these" and takes "walks" for "walk": that is not done here.
"""

import re
from collections.abc import Iterable

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import may_read, need_in_team, need_user
from chatops.sandbox.mattermost.shown import page_of
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()

_SHAPE = {
    "terms": str, "is_or_search": bool, "time_zone_offset": int,
    "include_deleted_channels": bool, "page": int, "per_page": int,
}  # fmt: skip
_TERM = re.compile(r'(-?)(?:(from|in|channel):)?\s*("[^"]*"|\S+)', re.IGNORECASE)


@routes.post("/teams/{team_id}/posts/search")
def search_team(call: Call) -> Doc:
    """Posts of a team's channels that the caller is in."""
    team_id = call.ident("team_id")
    need_in_team(call, team_id, "view_team")
    return _search(call, team_id)


@routes.post("/posts/search")
def search_everywhere(call: Call) -> Doc:
    """Posts of every channel that the caller is in."""
    return _search(call, "")


def _search(call: Call, team_id: str) -> Doc:
    given = call.record("terms", _SHAPE)
    if not given.get("terms"):
        bad_body("terms")
    if not call.site.setting("ServiceSettings", "EnablePostSearch"):
        refuse("store.sql_post.search.disabled", 501)
    wanted = [(bool(minus), kind.lower(), word.strip('"').lower())
              for minus, kind, word in _TERM.findall(given["terms"])]  # fmt: skip
    words = [(minus, word) for minus, kind, word in wanted if not kind]
    either = any if given.get("is_or_search") else all
    found = []
    for channel in _channels(call, team_id, given.get("include_deleted_channels", False)):
        if not _named(channel["name"], [(m, w) for m, k, w in wanted if k in ("in", "channel")]):
            continue
        for post in call.site.posts.where("channel", channel["id"]):
            if post["delete_at"] or post["type"].startswith("system_"):
                continue
            author = call.site.users.get(post["user_id"]) or {"username": ""}
            if not _named(author["username"], [(m, w) for m, k, w in wanted if k == "from"]):
                continue
            asked = [_says(post["message"], word) for minus, word in words if not minus]
            barred = [_says(post["message"], word) for minus, word in words if minus]
            if either(asked or [True]) and not any(barred):
                found.append(post)
    found.sort(key=lambda post: post["create_at"], reverse=True)
    size = given.get("per_page", 60)
    start = given.get("page", 0) * size
    return page_of(call.site, found[start : start + size]) | {"matches": None}


def _channels(call: Call, team_id: str, archived: bool) -> Iterable[Doc]:
    for member in call.site.channel_members.where("user", call.my_id):
        channel = call.site.channels.get(member["channel_id"])
        if channel is None or (channel["delete_at"] and not archived):
            continue
        if not team_id or channel["team_id"] in ("", team_id):
            yield channel


def _named(name: str, wanted: list[tuple[bool, str]]) -> bool:
    asked = [word.lstrip("@~") for minus, word in wanted if not minus]
    barred = [word.lstrip("@~") for minus, word in wanted if minus]
    return name not in barred and (not asked or name in asked)


def _says(message: str, word: str) -> bool:
    text = message.lower()
    tail = r"\w*" if word.endswith("*") else ""
    pattern = re.escape(word.rstrip("*")) + tail
    return re.search(rf"(?<!\w){pattern}(?!\w)", text) is not None


@routes.get("/users/{user_id}/posts/flagged")
def flagged(call: Call) -> Doc:
    """Posts that somebody flagged for later, newest first."""
    site, user_id = call.site, call.ident("user_id")
    need_user(call, user_id)
    posts = [post for post in _flagged(site, user_id) if _here(call, post)]
    posts.sort(key=lambda post: post["create_at"], reverse=True)
    return page_of(site, list(call.cut(posts)))


def _flagged(site: Site, user_id: str) -> Iterable[Doc]:
    for row in site.preferences.where("user", user_id):
        post = site.posts.get(row["name"])
        if row["category"] == "flagged_post" and row["value"] == "true" and post:
            yield post


def _here(call: Call, post: Doc) -> bool:
    channel = call.site.channels.get(post["channel_id"])
    if channel is None or post["delete_at"] or not may_read(call.site, call.me, channel):
        return False
    if call.arg("channel_id"):
        return bool(channel["id"] == call.arg("channel_id"))
    return not call.arg("team_id") or channel["team_id"] in ("", call.arg("team_id"))
