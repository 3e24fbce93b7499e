"""Who serves a state folder: what a server writes about itself, and whether it still lives.

A server holds a lock for as long as it lives, so that "is it running" is the kernel's word: a
pid file alone may be stale, or name a stranger who got the number since.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

__all__ = [
    "RECORD",
    "SERVER_LOCK",
    "Announcing",
    "Record",
    "born",
    "is_held",
    "is_own",
    "lock",
    "lock_file",
    "read_record",
    "wait",
]

RECORD: Final = "server.json"
SERVER_LOCK: Final = "server.lock"


@dataclass(frozen=True)
class Record:
    """What a server wrote about itself.

    `born` tells it from a later process of its number, `code` whether its program is still the
    one that is installed.
    """

    product: str
    url: str
    pid: int
    born: str
    code: str

    @property
    def is_current(self) -> bool:
        """Whether it runs what would be started now."""
        return self.code == _code()


class Announcing:
    """A stdout that also writes the record when the first line, the address, goes by."""

    def __init__(self, product: str, state: Path) -> None:
        self._out = sys.stdout
        self._product = product
        self._state = state
        self._seen = ""

    def write(self, text: str) -> int:
        """Pass the text on."""
        if "\n" not in self._seen:
            self._seen += text
            if "\n" in self._seen:
                url = self._seen.partition("\n")[0]
                pid = os.getpid()
                record = Record(self._product, url, pid, born(pid), _code())
                path = self._state / RECORD
                new = path.with_suffix(f".{pid}")
                new.write_text(json.dumps(asdict(record)) + "\n", encoding="utf-8")
                new.chmod(0o600)
                new.replace(path)
        return self._out.write(text)

    def flush(self) -> None:
        """Pass it on now."""
        self._out.flush()


def lock_file(path: Path) -> IO[bytes]:
    """A file to lock, made if need be, for its owner alone."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def lock(file: IO[bytes], how: int) -> bool:
    """Take a lock if that is possible at once; it goes when the file is closed."""
    try:
        fcntl.flock(file.fileno(), how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(state: Path) -> bool:
    """Whether a server lives here."""
    try:
        with (state / SERVER_LOCK).open("rb") as file:
            return not lock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def wait(done: Callable[[], bool], seconds: float) -> bool:
    """Whether it is done before the time is over."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def read_record(state: Path) -> Record | None:
    """What the last server here wrote; None if there is nothing to make sense of."""
    try:
        found = json.loads((state / RECORD).read_text(encoding="utf-8"))
        return Record(
            product=str(found["product"]),
            url=str(found["url"]),
            pid=int(found["pid"]),
            born=str(found["born"]),
            code=str(found.get("code", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def born(pid: int) -> str:
    """When a process began, in its system's own words; empty for one that is not there."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        try:
            # The name in brackets may hold anything; field 22 is the start, 3 follows the name.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    if Path("/proc/self/stat").exists():
        return ""
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],
        env={"PATH": os.environ.get("PATH", os.defpath)},
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip()


def is_own(record: Record | None) -> bool:
    """Whether the process that the record names is still the one that wrote it."""
    return record is not None and bool(record.born) and born(record.pid) == record.born


def _code() -> str:
    """A mark that is another one after an upgrade."""
    files = [p for p in Path(__file__).parent.rglob("*") if p.suffix not in ("", ".pyc")]
    return f"{len(files)}-{max(path.stat().st_mtime_ns for path in files)}"
