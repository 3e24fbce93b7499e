"""One run at a time against one server from this machine."""

import fcntl
import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from chatops.errors import RefusedError

__all__ = ["locked"]


def _place() -> Path:
    """A folder of this account alone, the same for every company file on this machine."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    place = Path(base) / f"chatops-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    about = place.lstat()
    if about.st_uid != os.getuid() or not stat.S_ISDIR(about.st_mode):
        raise RefusedError(f"{place} belongs to somebody else", hint="set XDG_RUNTIME_DIR")
    return place


def _address(url: str) -> str:
    """The server behind an address: localhost is 127.0.0.1, and https has its port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    with suppress(OSError, UnicodeError):
        host = socket.gethostbyname(host)
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Hold the lock of a server. Raises RefusedError when another run has it.

    The kernel lets go of it when the process ends, however it ends.
    """
    place = _place()
    name = hashlib.sha256(_address(url).encode()).hexdigest()[:16]
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
