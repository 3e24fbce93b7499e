"""Emoji under posts."""

import json

from chatops.sandbox.mattermost.errors import bad_body, forbidden, refuse
from chatops.sandbox.mattermost.permissions import may_read, need_in_channel
from chatops.sandbox.mattermost.state import Event, Site
from chatops.sandbox.mattermost.web import OK, Call, Routes
from chatops.sandbox.mattermost.words import is_emoji_name, is_id
from chatops.sandbox.store import Doc

routes = Routes()


@routes.post("/reactions")
def add_reaction(call: Call) -> Doc:
    """React to a post."""
    site = call.site
    given = call.record("reaction", {"user_id": str, "post_id": str, "emoji_name": str})
    user_id, post_id = given.get("user_id", ""), given.get("post_id", "")
    name = given.get("emoji_name", "")
    if not (is_id(user_id) and is_id(post_id) and is_emoji_name(name)):
        refuse("api.reaction.save_reaction.invalid.app_error")
    if user_id != call.my_id:
        refuse("api.reaction.save_reaction.user_id.app_error", 403)
    post = site.posts.get(post_id)
    if post is None:
        forbidden()
    need_in_channel(call, post["channel_id"], "add_reaction")
    now = site.now()
    reaction = {
        "user_id": user_id,
        "post_id": post_id,
        "emoji_name": name,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "remote_id": "",
        "channel_id": post["channel_id"],
    }
    site.posts.put(post_id, post | {"update_at": now})
    _tell(site, "reaction_added", reaction, post)
    return site.reactions.put(f"{post_id}:{user_id}:{name}", reaction)


@routes.get("/posts/{post_id}/reactions")
def reactions_of_post(call: Call) -> list[Doc]:
    """The reactions to a post."""
    site, post_id = call.site, call.ident("post_id")
    post = site.posts.get(post_id)
    if post is None or not may_read(site, call.me, site.channel(post["channel_id"])):
        forbidden()
    return site.reactions.where("post", post_id)


@routes.delete("/users/{user_id}/posts/{post_id}/reactions/{emoji_name:emoji}")
def remove_reaction(call: Call) -> Doc:
    """Take a reaction back."""
    site, user_id, post_id = call.site, call.ident("user_id"), call.ident("post_id")
    post = site.posts.get(post_id)
    if post is None:
        bad_body("post_id")
    kind = "remove_reaction" if user_id == call.my_id else "remove_others_reactions"
    need_in_channel(call, post["channel_id"], kind)
    site.reactions.delete(f"{post_id}:{user_id}:{call.params['emoji_name']}")
    now, name = site.now(), call.params["emoji_name"]
    site.posts.put(post_id, post | {"update_at": now})
    gone = {"user_id": user_id, "post_id": post_id, "emoji_name": name, "create_at": 0}
    gone |= {"update_at": now, "delete_at": 0, "remote_id": "", "channel_id": ""}
    _tell(site, "reaction_removed", gone, post)
    return OK


def _tell(site: Site, name: str, reaction: Doc, post: Doc) -> None:
    site.tell(Event(name, {"reaction": json.dumps(reaction)}, channel=post["channel_id"]))
