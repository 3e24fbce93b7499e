"""The command lines of every process on this machine, while a job runs."""

import threading
from pathlib import Path


class Watch(threading.Thread):
    """Looks every 20 ms; `seen` is all that it saw."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes().decode(errors="replace"))
                except OSError:
                    continue
