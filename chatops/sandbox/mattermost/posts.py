"""Messages: written, read by page, pinned, changed, deleted."""

from chatops.sandbox.mattermost.attachments import attach, drop
from chatops.sandbox.mattermost.errors import bad_body, forbidden, refuse
from chatops.sandbox.mattermost.live import tell_post, tell_posted
from chatops.sandbox.mattermost.messages import hashtags, write
from chatops.sandbox.mattermost.permissions import (
    has,
    has_in_channel,
    is_admin,
    may_read,
    need,
    need_in_channel,
)
from chatops.sandbox.mattermost.presence import active
from chatops.sandbox.mattermost.shown import page_of, shown
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import is_id, new_id
from chatops.sandbox.store import Doc

routes = Routes()

LONGEST_MESSAGE = 16383  # what a server finds its PostgreSQL column to hold
_GIVEN = {
    "channel_id": str,
    "message": str,
    "root_id": str,
    "type": str,
    "props": dict,
    "file_ids": list,
    "create_at": int,
    "pending_post_id": str,
    "is_pinned": bool,
}
_PATCHABLE = {
    "message": str, "props": dict, "file_ids": list, "is_pinned": bool, "has_reactions": bool,
}  # fmt: skip


@routes.post("/posts")
def create_post(call: Call) -> Reply:
    """Write into a channel."""
    site, given = call.site, call.record("post", _GIVEN)
    channel_id = given.get("channel_id", "")
    channel = site.channels.get(channel_id)
    may = has_in_channel(site, call.me, channel_id, "create_post")
    if not may and not (
        channel and channel["type"] == "O" and has(site, call.me, "create_post_public")
    ):
        forbidden()
    if channel is None:
        refuse("api.context.invalid_param.app_error")
    if given.get("type", "").startswith("system_"):
        refuse("api.context.invalid_param.app_error")
    if channel["delete_at"]:
        refuse("api.post.create_post.can_not_post_to_deleted.error")
    root_id = given.get("root_id", "")
    root = site.posts.get(root_id) if root_id else None
    if root_id and root is None:
        refuse("api.post.create_post.root_id.app_error")
    if root is not None and root["channel_id"] != channel_id:
        refuse("api.post.create_post.channel_root_id.app_error")
    if root is not None and root["root_id"]:
        refuse("api.post.create_post.root_id.app_error")
    if len(given.get("message", "")) > LONGEST_MESSAGE:
        refuse("model.post.is_valid.message_length.app_error")
    if given.get("type") and not given["type"].startswith("custom_"):
        refuse("model.post.is_valid.type.app_error")
    more: Doc = {"is_pinned": given["is_pinned"]} if "is_pinned" in given else {}
    if given.get("create_at") and has(site, call.me, "manage_system"):
        more |= {"create_at": given["create_at"], "update_at": given["create_at"]}
    post = write(
        site,
        channel_id,
        call.me,
        given.get("message", ""),
        kind=given.get("type", ""),
        props=given.get("props"),
        root_id=root_id,
        more=more,
        announce=False,
    )
    if given.get("file_ids"):
        fastened = attach(site, post["id"], call.my_id, given["file_ids"])
        post = site.posts.put(post["id"], post | {"file_ids": fastened})
    if root is not None:
        counted = {"reply_count": root["reply_count"] + 1, "update_at": post["create_at"]}
        site.posts.put(root["id"], root | counted)
    if call.arg("set_online") not in ("0", "f", "F", "false", "FALSE", "False"):
        active(site, call.my_id)
    tell_posted(site, post)
    # Whoever writes a post is told their own name for it, and nobody afterwards.
    return Reply(shown(site, post) | {"pending_post_id": given.get("pending_post_id", "")}, 201)


@routes.post("/posts/ephemeral")
def create_ephemeral(call: Call) -> Reply:
    """Say something that one person sees and nobody keeps."""
    given = call.record("body", {"user_id": str, "post": dict})
    if not given.get("user_id"):
        bad_body("user_id")
    if "post" not in given:
        bad_body("post")
    need(call, "create_post_ephemeral")
    said, now = given["post"], call.site.now()
    post = {
        "id": new_id(),
        "create_at": now,
        "update_at": 0,
        "edit_at": 0,
        "delete_at": 0,
        "is_pinned": False,
        "user_id": call.my_id,
        "channel_id": str(said.get("channel_id", "")),
        "root_id": str(said.get("root_id", "")),
        "original_id": "",
        "message": str(said.get("message", "")),
        "type": "system_ephemeral",
        "props": said.get("props") or {},
        "hashtags": "",
        "file_ids": None,
        "pending_post_id": "",
        "reply_count": 0,
        "last_reply_at": 0,
        "participants": None,
        "metadata": {},
    }
    return Reply(post, 201)


def _newest_first(site: Site, channel_id: str) -> list[Doc]:
    posts = [post for post in site.posts.where("channel", channel_id) if not post["delete_at"]]
    posts.sort(key=lambda post: post["create_at"])
    posts.reverse()
    return posts


@routes.get("/channels/{channel_id}/posts")
def channel_posts(call: Call) -> Doc:
    """A page of a channel, newest first; or what is around a post, or new since a time."""
    site, channel_id = call.site, call.ident("channel_id")
    for name in ("after", "before"):
        if call.arg(name) and not is_id(call.arg(name)):
            bad_body(name)
    since = call.arg("since")
    if since and not since.lstrip("-").isdigit():
        bad_body("since")
    if call.flag("include_deleted") and not is_admin(call):
        forbidden()
    channel = site.channel(channel_id)
    if not may_read(site, call.me, channel):
        forbidden()
    posts = _newest_first(site, channel_id)
    if since and int(since) > 0:
        return page_of(site, [post for post in posts if post["update_at"] > int(since)])
    ids = [post["id"] for post in posts]
    if call.arg("before") or call.arg("after"):
        around = call.arg("after") or call.arg("before")
        if around not in ids:
            refuse("app.post.get_posts_around.get.app_error", 500)
        at = ids.index(around)
        posts = posts[at + 1 :] if call.arg("before") else posts[:at][::-1]
        page = list(call.cut(posts))
        return page_of(site, page if call.arg("before") else page[::-1])
    start, size = call.page * call.per_page, call.per_page
    page = posts[start : start + size]
    older = ids[start + size] if start + size < len(ids) else ""
    newer = ids[start - 1] if 0 < start <= len(ids) else ""
    return page_of(site, page, following=newer, preceding=older)


@routes.get("/channels/{channel_id}/pinned")
def pinned_posts(call: Call) -> Doc:
    """What is pinned in a channel."""
    site = call.site
    channel = site.channel(call.ident("channel_id"))
    if not may_read(site, call.me, channel):
        forbidden()
    posts = [post for post in site.posts.where("pinned", channel["id"]) if not post["delete_at"]]
    posts.sort(key=lambda post: post["create_at"])
    return page_of(site, posts)


def readable(call: Call) -> Doc:
    """The post of the path, if the caller may read it."""
    site = call.site
    post = site.posts.get(call.ident("post_id"))
    if post is None or post["delete_at"]:
        refuse("app.post.get.app_error", 404)
    if not may_read(site, call.me, site.channel(post["channel_id"])):
        forbidden()
    return post


@routes.get("/posts/{post_id}")
def get_post(call: Call) -> Doc:
    """One post."""
    return shown(call.site, readable(call))


@routes.get("/posts/{post_id}/info")
def get_info(call: Call) -> Doc:
    """Where a post stands, and whether the caller is there."""
    site = call.site
    channel = site.channel(readable(call)["channel_id"])
    team = site.teams.get(channel["team_id"])
    joined = site.team_members.get(f"{channel['team_id']}:{call.my_id}")
    return {
        "channel_id": channel["id"],
        "channel_type": channel["type"],
        "channel_display_name": channel["display_name"],
        "has_joined_channel": f"{channel['id']}:{call.my_id}" in site.channel_members,
        "team_id": channel["team_id"],
        "team_type": ("O" if team["allow_open_invite"] else "I") if team else "",
        "team_display_name": team["display_name"] if team else "",
        "has_joined_team": bool(joined and not joined["delete_at"]),
    }


@routes.get("/posts/{post_id}/thread")
def thread(call: Call) -> Doc:
    """A post and what was answered to it."""
    post = readable(call)
    root_id = post["root_id"] or post["id"]
    root = call.site.posts.get(root_id)
    answers = [p for p in call.site.posts.where("root", root_id) if not p["delete_at"]]
    return page_of(call.site, [*([root] if root else []), *answers])


@routes.post("/posts/ids")
def posts_by_ids(call: Call) -> list[Doc]:
    """Posts by identifiers."""
    site, wanted = call.site, call.strings()
    if not wanted:
        bad_body("post_ids")
    if len(wanted) > 1000:
        refuse("api.post.posts_by_ids.invalid_body.request_error")
    found = [post for post in map(site.posts.get, wanted) if post and not post["delete_at"]]
    if not found:
        refuse("app.post.get.app_error", 404)
    return [
        shown(site, post)
        for post in found
        if may_read(site, call.me, site.channel(post["channel_id"]))
    ]


def _pin(call: Call, *, pinned: bool) -> Doc:
    site = call.site
    post_id = call.ident("post_id")
    post = site.posts.get(post_id)
    if post is None or post["delete_at"]:
        forbidden()
    channel = site.channel(post["channel_id"])
    if not may_read(site, call.me, channel):
        forbidden()
    if channel["delete_at"]:
        refuse("api.post.update_post.can_not_update_post_in_deleted.error")
    site.posts.put(post_id, post | {"is_pinned": pinned, "update_at": site.now()})
    return OK


@routes.post("/posts/{post_id}/pin")
def pin(call: Call) -> Doc:
    """Pin a post to its channel."""
    return _pin(call, pinned=True)


@routes.post("/posts/{post_id}/unpin")
def unpin(call: Call) -> Doc:
    """Take the pin out."""
    return _pin(call, pinned=False)


@routes.put("/posts/{post_id}/patch")
def patch_post(call: Call) -> Doc:
    """Change some fields of a post."""
    post_id, patch = call.ident("post_id"), call.record("post", _PATCHABLE)
    return _change(call, post_id, patch)


@routes.put("/posts/{post_id}")
def update_post(call: Call) -> Doc:
    """Change a post by sending all of it."""
    post_id = call.ident("post_id")
    given = call.record("post", _PATCHABLE | {"id": str})
    if given.get("id") != post_id:
        bad_body("id")
    return _change(call, post_id, {"message": ""} | given)


def _change(call: Call, post_id: str, fields: Doc) -> Doc:
    site = call.site
    post = site.posts.get(post_id)
    if post is None or post["delete_at"]:
        forbidden()
    others = "" if post["user_id"] == call.my_id else "_others"
    need_in_channel(call, post["channel_id"], f"edit{others}_post{'s' if others else ''}")
    if post["type"].startswith("system_"):
        refuse("api.post.update_post.system_message.app_error")
    if len(fields.get("message", "")) > LONGEST_MESSAGE:
        refuse("model.post.is_valid.message_length.app_error")
    now = site.now()
    changed = post | {key: fields[key] for key in _PATCHABLE if key in fields and key in post}
    changed |= {"update_at": now}
    if changed["message"] != post["message"]:
        changed |= {"edit_at": now, "hashtags": hashtags(changed["message"])}
    site.posts.put(post_id, changed)
    tell_post(site, "post_edited", changed)
    return shown(site, changed)


@routes.delete("/posts/{post_id}")
def delete_post(call: Call) -> Doc:
    """Delete a post; it stays in the store, marked."""
    site, post_id = call.site, call.ident("post_id")
    if call.flag("permanent") and not site.setting("ServiceSettings", "EnableAPIPostDeletion"):
        refuse("api.post.delete_post.not_enabled.app_error", 501)
    post = site.posts.get(post_id)
    if post is None or post["delete_at"]:
        refuse("app.post.get.app_error", 404)
    kind = "delete_post" if post["user_id"] == call.my_id else "delete_others_posts"
    need_in_channel(call, post["channel_id"], kind)
    now = site.now()
    gone = {"delete_at": now, "update_at": now, "is_pinned": False}
    tell_post(site, "post_deleted", post, delete_by=call.my_id)
    site.posts.put(post_id, post | gone)
    drop(site, post_id)
    return OK
