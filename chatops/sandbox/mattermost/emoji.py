"""Custom emoji."""

import json
from base64 import b64decode, b64encode
from typing import Any

from chatops.sandbox.mattermost.errors import bad_body, bad_url, refuse
from chatops.sandbox.mattermost.images import image_size
from chatops.sandbox.mattermost.permissions import has, has_in_team, need
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_emoji_name, listed, new_id
from chatops.sandbox.store import Doc

routes = Routes()

LARGEST_FILE, LARGEST_SIDE = 1 << 19, 1028
# A few of the names that every client brings along; the real list is some four thousand long.
SYSTEM_NAMES = set(
    listed(
        "+1 -1 100 blush clap confetti_ball cry eyes fire grin grinning heart heart_eyes joy "
        "laughing mattermost ok ok_hand point_up pray raised_hands rocket scream see_no_evil shrug "
        "sleeping slightly_smiling_face smile smiley smirk sob star sunglasses tada thinking "
        "thumbsdown thumbsup upside_down_face warning wave white_check_mark wink x"
    )
)


def _check_on(site: Site) -> None:
    if not site.setting("ServiceSettings", "EnableCustomEmoji"):
        refuse("api.emoji.disabled.app_error", 501)


def _allowed(call: Call, permission: str) -> None:
    """Stop unless the caller may do this everywhere or in one of their teams."""
    mine = call.site.team_members.where("user", call.my_id)
    if not any(has_in_team(call.site, call.me, m["team_id"], permission) for m in mine):
        need(call, permission)


@routes.post("/emoji", files=True)
def create_emoji(call: Call) -> Doc:
    """A new emoji: its name as JSON in the field `emoji`, its picture as `image`."""
    site = call.site
    _check_on(site)
    if int(call.headers.get("content-length", "0")) > LARGEST_FILE:
        refuse("api.emoji.create.too_large.app_error", 413)
    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        refuse("api.emoji.create.parse.app_error")
    _allowed(call, "create_emojis")
    given = _given(call)
    name = given.get("name", "")
    if not is_emoji_name(name):
        refuse("model.emoji.name.app_error")
    if name in SYSTEM_NAMES:
        refuse("model.emoji.system_emoji_name.app_error")
    if given.get("creator_id") != call.my_id:
        refuse("api.emoji.create.other_user.app_error", 403)
    if site.emoji.find("name", name) is not None:
        refuse("api.emoji.create.duplicate.app_error")
    if not call.files.get("image"):
        bad_body("createEmoji")
    content = call.files["image"][0].content
    size = image_size(content)
    if size is None:
        refuse("api.emoji.upload.image.app_error")
    if max(size) > LARGEST_SIDE:
        refuse("api.emoji.upload.large_image.too_large.app_error")
    now = site.now()
    emoji = {
        "id": new_id(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "creator_id": call.my_id,
        "name": name,
    }
    site.images.put(f"emoji:{emoji['id']}", {"content": b64encode(content).decode()})
    return site.emoji.put(emoji["id"], emoji)


def _given(call: Call) -> Doc:
    try:
        given: Any = json.loads(call.fields["emoji"][0])
    except (KeyError, ValueError):
        bad_body("emoji")
    if not isinstance(given, dict):
        bad_body("emoji")
    if not all(isinstance(given.get(key, ""), str) for key in ("name", "creator_id")):
        bad_body("emoji")
    return given


@routes.get("/emoji")
def list_emoji(call: Call) -> list[Doc]:
    """Custom emoji by page."""
    _check_on(call.site)
    if call.arg("sort") not in ("", "name"):
        bad_url("sort")
    found = list(call.site.emoji.all())
    if call.arg("sort") == "name":
        found.sort(key=lambda emoji: str(emoji["name"]))
    return list(call.cut(found))


@routes.post("/emoji/names")
def by_names(call: Call) -> list[Doc]:
    """Emoji by names; those unknown are missing without a word."""
    wanted = call.strings("names")
    _check_on(call.site)
    if len(wanted) > 200:
        refuse("api.emoji.get_multiple_by_name_too_many.request_error")
    return [emoji for name in wanted if (emoji := call.site.emoji.find("name", name))]


@routes.get("/emoji/name/{emoji_name:emoji}")
def by_name(call: Call) -> Doc:
    """One emoji by its name."""
    _check_on(call.site)
    if not is_emoji_name(call.params["emoji_name"]):
        bad_url("emoji_name")
    found = call.site.emoji.find("name", call.params["emoji_name"])
    return found or refuse("app.emoji.get_by_name.no_result", 404)


@routes.post("/emoji/search")
def search_emoji(call: Call) -> list[Doc]:
    """Emoji whose names hold a term."""
    given = call.record("term", {"term": str, "prefix_only": bool})
    term = given.get("term", "")
    if not term:
        bad_body("term")
    found = sorted(call.site.emoji.all(), key=lambda emoji: str(emoji["name"]))
    starts = given.get("prefix_only", False)
    return [e for e in found if e["name"].startswith(term) or (not starts and term in e["name"])]


@routes.get("/emoji/autocomplete")
def autocomplete(call: Call) -> list[Doc]:
    """Emoji to offer while a name is typed."""
    name = call.arg("name")
    if not name:
        bad_url("name")
    found = sorted(call.site.emoji.all(), key=lambda emoji: str(emoji["name"]))
    return [emoji for emoji in found if emoji["name"].startswith(name)][:100]


def _get(call: Call) -> Doc:
    found = call.site.emoji.get(call.ident("emoji_id"))
    return found or refuse("app.emoji.get.no_result", 404)


@routes.get("/emoji/{emoji_id}")
def get_emoji(call: Call) -> Doc:
    """One emoji."""
    call.ident("emoji_id")
    _check_on(call.site)
    return _get(call)


@routes.get("/emoji/{emoji_id}/image")
def get_image(call: Call) -> Reply:
    """An emoji's picture."""
    _check_on(call.site)
    kept = call.site.images.get(f"emoji:{_get(call)['id']}")
    if kept is None:
        refuse("api.emoji.get_image.read.app_error", 404)
    return Reply(b64decode(kept["content"]), 200, {}, "image/png")


@routes.delete("/emoji/{emoji_id}")
def delete_emoji(call: Call) -> Doc:
    """Take an emoji away."""
    emoji = _get(call)
    _allowed(call, "delete_emojis")
    if emoji["creator_id"] != call.my_id and not has(call.site, call.me, "delete_others_emojis"):
        _allowed(call, "delete_others_emojis")
    call.site.emoji.delete(emoji["id"])
    call.site.images.delete(f"emoji:{emoji['id']}")
    return OK
