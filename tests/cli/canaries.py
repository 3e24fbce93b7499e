"""Secrets to plant, and where to look for them: outputs, processes, files."""

import base64
import secrets
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

__all__ = ["Canary", "Watch", "found_in", "loose_files", "new_canary"]

Canary = str

MAY_HOLD = (
    "first-passwords.csv",
    "vault-password",
    "sandbox.sqlite3",
    "sandbox.sqlite3-wal",
    "sandbox.sqlite3-shm",
)
"""Files of ours that are a secret's own place, readable by their owner alone."""


def new_canary(what: str) -> Canary:
    """One of its kind on this machine, with a letter that an address would quote."""
    return f"canary-{what}-{secrets.token_hex(5)}/é"


def forms(canary: Canary) -> Iterable[str]:
    """How it could show: as it is, quoted, in hex, and in base64 wherever it stands there."""
    data = canary.encode()
    # The slash and the letter behind it may be written in many ways: what is before may not.
    yield from (canary.partition("/")[0], quote(canary, safe=""), data.hex())
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode()
        yield text[(0, 2, 3)[before] : -4]


def found_in(text: str, canaries: Iterable[Canary]) -> list[str]:
    """Those that the text tells, in any form."""
    return [c for c in canaries if any(form in text for form in forms(c))]


def loose_files(folder: Path, canaries: Iterable[Canary], *given: Path) -> list[str]:
    """Files that tell one and are open to others, or no secret's place. `given`: by a person."""
    wrong = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path not in given:
            told = found_in(path.read_bytes().decode(errors="replace"), canaries)
            if told and (path.stat().st_mode & 0o077 or path.name not in MAY_HOLD):
                wrong.append(f"{path}: {told}")
    return wrong


@dataclass
class Watch:
    """What the processes that begin meanwhile have in their argv and environment, and what lies
    in the folders of temporary files for others to read.

    `mine`: environments that a person gave; only the command itself, and no child, may have them.
    """

    canaries: tuple[Canary, ...]
    folders: tuple[Path, ...] = ()
    argv: list[str] = field(default_factory=list)
    environments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    children: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    """Every command line that was seen: for secrets that are known only afterwards."""

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._before = {p.name for p in Path("/proc").glob("[0-9]*")}
        self._mine: set[int] = set()
        self._seen: list[tuple[int, int, bool, str, list[str]]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        # Only now is it known which processes were the command itself: one that has just begun
        # may have been looked at before its number was noted.
        for number, parent, same, line, told in self._seen:
            if number not in self._mine and not (parent in self._mine and same):
                self.children.add(line.replace("\0", " "))
                self.environments += [f"{line[:200]}: {c}" for c in told]

    def run(self, words: list[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str, str]:
        """A command whose own environment is a person's gift."""
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._mine.add(process.pid)
        out, err = process.communicate(timeout=240)
        return process.returncode, out, err

    def _run(self) -> None:
        looks: Counter[str] = Counter()
        turn = 0
        while not self._stop.wait(0.02):
            for name in sorted(p.name for p in Path("/proc").iterdir()):
                # What it is given at its beginning is all that it is given.
                if name.isdigit() and name not in self._before and looks[name] < 40:
                    looks[name] += 1
                    self._process(Path("/proc", name))
            turn += 1
            for folder in self.folders if turn % 10 == 0 else ():
                self._temporary(folder)

    def _process(self, path: Path) -> None:
        try:
            line = (path / "cmdline").read_bytes().decode(errors="replace")
            around = (path / "environ").read_bytes().decode(errors="replace")
        except OSError:
            return
        self.lines.add(line)
        self.argv += found_in(line, self.canaries)
        parent = self._parent(path)
        # Between fork and exec a child still is the command; its own environment comes with exec.
        same = self._same(path, parent)
        self._seen.append((int(path.name), parent, same, line, found_in(around, self.canaries)))

    def _parent(self, path: Path) -> int:
        try:
            return int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return 0

    def _same(self, path: Path, parent: int) -> bool:
        try:
            return (path / "cmdline").read_bytes() == Path(f"/proc/{parent}/cmdline").read_bytes()
        except OSError:
            return True

    def _temporary(self, folder: Path) -> None:
        for path in folder.glob("**/*"):
            try:
                about = path.stat()
                between = [folder / p for p in path.relative_to(folder).parents if p.name]
                inside = any(p.stat().st_mode & 0o077 == 0 for p in between)
                if path.is_file() and about.st_mode & 0o077 and not inside:
                    told = found_in(path.read_bytes().decode(errors="replace"), self.canaries)
                    self.files += [f"{path}: {c}" for c in told]
            except OSError:
                continue
