"""Picture files that a company file names: read once, and told by their hash."""

import errno
import hashlib
from pathlib import Path
from typing import Final

from chatops.errors import ChatopsError
from chatops.ordinary import read_ordinary
from chatops.resources import Picture

__all__ = ["PictureError", "read_picture"]

MOST_BYTES: Final = 10 * 2**20
"""No platform takes more for a profile picture; for emoji they take less, and say so."""

_BEGINNINGS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


class PictureError(ChatopsError):
    """A picture cannot be had."""


def read_picture(base: Path, name: str) -> Picture:
    """The picture of this name, relative to `base`. Raises PictureError."""
    path = base / name
    try:
        data = read_ordinary(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise PictureError(
                f"there is no file {path}",
                hint="the name is taken from the folder of the file it stands in",
            ) from None
        why = getattr(error, "strerror", None) or "no file can have this name"
        hint = "scale it down" if getattr(error, "errno", None) == errno.EFBIG else ""
        raise PictureError(f"cannot read {path}: {why}", hint=hint) from None
    if not data.startswith(_BEGINNINGS):
        raise PictureError(
            f"{path} is no PNG, JPEG or GIF picture", hint="convert it: convert in.webp out.png"
        )
    return Picture(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())
