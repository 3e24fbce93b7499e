"""Reading a file that somebody named: no pipe that nobody fills, no device without an end."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

__all__ = ["MOST_OF_A_SECRET", "look", "read_ordinary"]

MOST_OF_A_SECRET: Final = 2**20
"""Bytes. Keys, certificates and passwords have some thousand."""


def look(path: Path) -> os.stat_result:
    """What the system says of an ordinary file. Raises OSError, and ValueError for no name."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    return found


def read_ordinary(path: Path, most: int) -> bytes:
    """All of an ordinary file with no more than so many bytes. Raises as `look` does.

    Asked before it is opened: opening a pipe waits for whoever writes to it.
    """
    look(path)
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most / 2**20:g} MiB")
    return data
