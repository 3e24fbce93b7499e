"""Posts as a client gets them: with their files and reactions."""

from collections.abc import Iterable, Sequence

from chatops.sandbox.mattermost.attachments import files_of
from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.store import Doc


def shown(site: Site, post: Doc) -> Doc:
    """A post with what hangs on it (PreparePostForClient in server/channels/app/post_metadata.go).

    Of links, the server's own look-ups (pictures, previews) are left out: nothing is fetched here.
    """
    metadata: Doc = {}
    if post["props"].get("attachments"):
        metadata["embeds"] = [{"type": "message_attachment"}]
    reactions = site.reactions.where("post", post["id"])
    emoji = _emoji(site, post["message"], reactions)
    if emoji:
        metadata["emojis"] = emoji
    files = files_of(site, post["id"])
    if files:
        metadata["files"] = files
    if reactions:
        metadata["reactions"] = reactions
    answer = post | {"metadata": metadata}
    if reactions:
        answer["has_reactions"] = True
    root = site.posts.get(post["root_id"]) if post["root_id"] else None
    if root is not None:
        answer["reply_count"] = root["reply_count"]
    return answer


def _emoji(site: Site, message: str, reactions: Iterable[Doc]) -> list[Doc]:
    names = {*message.split(":")[1::2], *message.split(":")[2::2]}
    names |= {reaction["emoji_name"] for reaction in reactions}
    return [found for name in sorted(names) if (found := site.emoji.find("name", name))]


def page_of(site: Site, posts: Sequence[Doc], *, following: str = "", preceding: str = "") -> Doc:
    """Posts as a list is answered: their order, newest first, and each by its identifier."""
    return {
        "order": [post["id"] for post in posts],
        "posts": {post["id"]: shown(site, post) for post in posts},
        "next_post_id": following,
        "prev_post_id": preceding,
        "first_inaccessible_post_time": 0,
    }
