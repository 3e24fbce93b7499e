"""What is written into channels, by people and by the system."""

from typing import Any

from chatops.sandbox.mattermost.live import tell_posted
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.mattermost.words import new_id
from chatops.sandbox.store import Doc

# These are not counted as messages of a channel (model.Post.IsJoinLeaveMessage).
_UNCOUNTED = {
    "system_join_channel",
    "system_leave_channel",
    "system_add_to_channel",
    "system_remove_from_channel",
    "system_join_team",
    "system_leave_team",
    "system_add_to_team",
    "system_remove_from_team",
}


def write(
    site: Site,
    channel_id: str,
    user: Doc,
    message: str,
    *,
    kind: str = "",
    props: Doc | None = None,
    root_id: str = "",
    more: Doc | None = None,
    announce: bool = True,
) -> Doc:
    """Put a post into a channel, count it, and tell of it."""
    now = site.now()
    ident = new_id()
    post = {
        "id": ident,
        "create_at": now,
        "update_at": now,
        "edit_at": 0,
        "delete_at": 0,
        "is_pinned": False,
        "user_id": user["id"],
        "channel_id": channel_id,
        "root_id": root_id,
        "original_id": "",
        "message": message,
        "type": kind,
        "props": props or {},
        "hashtags": hashtags(message),
        "file_ids": [],
        "pending_post_id": "",
        "remote_id": "",
        "reply_count": 0,
        "last_reply_at": 0,
        "participants": None,
        "metadata": {},
    } | (more or {})
    site.posts.put(ident, post)
    channel = site.channels.get(channel_id)
    if channel is not None:
        counted = int(kind not in _UNCOUNTED)
        changed = {
            "last_post_at": max(channel["last_post_at"], post["create_at"]),
            "total_msg_count": channel["total_msg_count"] + counted,
        }
        if not root_id:
            changed["last_root_post_at"] = max(channel["last_root_post_at"], post["create_at"])
            changed["total_msg_count_root"] = channel["total_msg_count_root"] + counted
        site.channels.put(channel_id, channel | changed)
    if announce:
        tell_posted(site, post)
    return post


def note(site: Site, channel: Doc, user: Doc, kind: str, message: str, **props: Any) -> None:
    """Put a system message into a channel; `user` is whom it is about."""
    facts = {"username": user["username"], **props}
    write(site, channel["id"], user, message, kind=f"system_{kind}", props=facts)


def note_change(site: Site, channel: Doc, user: Doc, what: str, old: str, new: str) -> None:
    """Tell that a header, a purpose or a display name changed."""
    name, label = user["username"], what if what != "displayname" else "display name"
    if what != "displayname" and not old:
        text = f"{name} updated the channel {label} to: {new}"
    elif what != "displayname" and not new:
        text = f"{name} removed the channel {label} (was: {old})"
    else:
        text = f"{name} updated the channel {label} from: {old} to: {new}"
    note(site, channel, user, f"{what}_change", text, **{f"old_{what}": old, f"new_{what}": new})


def hashtags(message: str) -> str:
    """The hashtags of a message."""
    return " ".join(word for word in message.split() if _is_hashtag(word))


def _is_hashtag(word: str) -> bool:
    return len(word) > 3 and word[0] == "#" and word[1].isalpha()
