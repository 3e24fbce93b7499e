"""One run at a time against one server from this machine."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatops.errors import RefusedError

__all__ = ["locked"]


@contextmanager
def locked(folder: Path, url: str) -> Iterator[None]:
    """Hold the lock of a server. Raises RefusedError when another run has it.

    The kernel lets go of it when the process ends, however it ends.
    """
    place = folder / ".chatops" / "locks"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    handle = os.open(place / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = os.read(handle, 32).decode(errors="replace").strip()
            raise RefusedError(
                f"another run is at work on {url} (process {who or 'unknown'})",
                hint="wait for it to end, then run again",
            ) from error
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
