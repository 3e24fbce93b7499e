"""A folder of rendered files: made to hold just these, each written whole or not at all."""

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from chatops.errors import ChatopsError

__all__ = ["LISTING", "RenderedFile", "write", "write_file"]

LISTING: Final = ".rendered.json"
"""Which files of a folder are ours: only those are ever removed."""


@dataclass(frozen=True, order=True)
class RenderedFile:
    """A file to be: `path` is relative, with slashes."""

    path: str
    text: str
    mode: int = 0o644


def write(files: Iterable[RenderedFile], folder: Path) -> list[str]:
    """Make the folder hold these files; the paths written or removed. Raises ChatopsError."""
    wanted = {file.path: file for file in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stale = [path for path in _listed(folder) if path not in wanted]
        changed = [path for path, file in wanted.items() if _put(folder, file)]
        for path in stale:
            with contextlib.suppress(FileNotFoundError):
                (folder / path).unlink()
                changed.append(path)
        _put(folder, RenderedFile(LISTING, _json(sorted(wanted))))
    except OSError as error:
        raise ChatopsError(
            f"cannot write {error.filename or folder}: {error.strerror}",
            hint="may you write there, and is there room? `chatops render -o` takes another one",
        ) from error
    return sorted(changed)


def write_file(path: Path, text: str) -> bool:
    """Make one file hold this, whole or not at all; whether it differed. Raises ChatopsError."""
    try:
        return _put(path.parent, RenderedFile(path.name, text))
    except OSError as error:
        raise ChatopsError(f"cannot write {path}: {error.strerror}") from error


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _listed(folder: Path) -> list[str]:
    """The files of the last time. Anybody may have edited the list: nothing outside counts."""
    try:
        found = json.loads((folder / LISTING).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    names = [n for n in found if isinstance(n, str)] if isinstance(found, list) else []
    return [n for n in names if n and not {"..", "/"} & set(PurePosixPath(n).parts)]


def _put(folder: Path, file: RenderedFile) -> bool:
    """Write the file whole or not at all, if it differs."""
    path = folder / file.path
    with contextlib.suppress(OSError, UnicodeDecodeError):
        same = path.read_bytes() == file.text.encode() and not path.is_symlink()
        if same and path.stat().st_mode & 0o777 == file.mode:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("w", encoding="utf-8", newline="") as out:
            os.fchmod(out.fileno(), file.mode)
            out.write(file.text)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return True
