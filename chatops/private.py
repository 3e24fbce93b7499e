"""Files for their owner alone: the folder `.chatops`, and writing whole or not at all."""

import os
from pathlib import Path

from chatops.errors import InstallError

__all__ = ["HOME", "make_home", "write_private"]

HOME = ".chatops"


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    make_home(next((p for p in path.parents if p.name == HOME), path.parent))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def make_home(home: Path) -> None:
    """The folder .chatops: for its owner alone, and never in git."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_mode & 0o077:
            home.chmod(0o700)
        ignore = home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise InstallError(f"cannot make {home}: {error.strerror}") from error
