"""Files that hang on a post."""

from typing import Any

from chatops.sandbox.mattermost.state import Site
from chatops.sandbox.store import Doc


def attach(site: Site, post_id: str, user_id: str, file_ids: list[Any]) -> list[str] | None:
    """Fasten files to a post. Only the author's own and loose ones; None if none would do."""
    fastened = []
    for file_id in sorted({str(ident) for ident in file_ids}):
        info = site.files.get(file_id)
        if info and info["user_id"] == user_id and not info.get("post_id"):
            site.files.put(file_id, info | {"post_id": post_id})
            fastened.append(file_id)
    return fastened or None


def drop(site: Site, post_id: str) -> None:
    """The files of a post that is deleted: marked too."""
    for info in site.files.where("post", post_id):
        site.files.put(info["id"], info | {"delete_at": site.now()})


def files_of(site: Site, post_id: str) -> list[Doc]:
    """What is known of a post's files, as they came."""
    found = [info for info in site.files.where("post", post_id) if not info["delete_at"]]
    return sorted(found, key=lambda info: int(info["create_at"]))
