"""The files of a drafted company: their text, and how they come onto the disk."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chatops.errors import ChatopsError, UsageError
from chatops.importers.draft import Draft
from chatops.spec.emit import Remarks, emit
from chatops.spec.files import replace_text
from chatops.spec.nodes import Path as Keys
from chatops.spec.people import BETWEEN, COLUMNS

__all__ = ["company_files", "ignore", "write_new"]

PEOPLE: Final = "people.csv"
IGNORED: Final = (".chatops/", "build/", "plan.json", "*.plan.json")
"""What of a company's folder never belongs into git: what is private, made anew, or soon stale."""
_WIDE: Final = 200
"""Longer lines of what was left out are cut."""


def company_files(draft: Draft, name: str, url: str) -> Mapping[str, bytes]:
    """Each file by its name, relative to the folder of the company file."""
    head = f"Read from {url}. `chatops validate` judges it, `chatops plan` changes nothing yet."
    above: dict[Keys, str] = {
        ("users",): "Everybody, with their teams and roles. Who leaves gets `no` under active.",
        ("policy",): "How careful a run is; `membership: exact` takes out who is not listed.",
    }
    foot = ""
    if draft.left_out:
        told = [line if len(line) <= _WIDE else f"{line[: _WIDE - 1]}…" for line in draft.left_out]
        foot = "What could not be said here, and stays as it is on the server:\n"
        foot += "\n".join(f"  {' '.join(line.split())}" for line in told)
    files = {name: emit(draft.data, Remarks(head=head, above=above, foot=foot)).encode()}
    files[PEOPLE] = _table(draft).encode()
    return files | draft.pictures


def _table(draft: Draft) -> str:
    columns = [c for c in COLUMNS if c == "username" or any(c in p for p in draft.people)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for person in draft.people:
        row = dict(person)
        for key in ("teams", "roles"):
            if key in row:
                row[key] = BETWEEN.join(row[key])
        if "active" in row:
            row["active"] = "yes" if row["active"] else "no"
        writer.writerow(row)
    return text.getvalue()


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write them, none over a file that is there. Raises UsageError before anything is written."""
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise UsageError(
            f"{folder / there[0]} is there already, and is not written over",
            hint="move it away, or name another place with -f FILE",
        )
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as out:
                out.write(data)
    except OSError as error:
        raise ChatopsError(f"cannot write {error.filename or folder}: {error.strerror}") from error


def ignore(folder: Path) -> list[str]:
    """Make git pass over what never belongs there; what was written."""
    path = folder / ".gitignore"
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        missing = [line for line in IGNORED if line not in before.split("\n")]
        if not missing:
            return []
        between = "" if not before or before.endswith("\n") else "\n"
        replace_text(path, before + between + "".join(f"{line}\n" for line in missing))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise ChatopsError(f"cannot write {path}: {why}") from error
    return [path.name]
