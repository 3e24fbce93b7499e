"""Pictures of accounts. The server keeps them scaled down, so none can be compared."""

from chatops.platforms.rocketchat.client import Client, Row
from chatops.resources import UNKNOWN, Picture, Unknown

__all__ = ["picture_of", "set_picture"]


def picture_of(row: Row) -> str | Unknown:
    """Whether an account has a picture of its own: unknown which one, or none."""
    return UNKNOWN if row.get("avatarETag") else ""


def set_picture(client: Client, user: str, picture: Picture | str) -> None:
    """Give an account this picture; none means the one that everybody has."""
    if isinstance(picture, Picture):
        client.upload("users.setAvatar", {"userId": user}, "image", picture, repeatable=True)
    else:
        client.post("users.resetAvatar", {"userId": user}, repeatable=True)
