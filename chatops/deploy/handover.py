"""First passwords for the admin, in a file of mode 0600 before any account is made."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatops.errors import ChatopsError, InstallError
from chatops.resources import User
from chatops.secrets import Secret, invent_password

__all__ = ["first_passwords", "make_home", "write_private"]

HEADER = ("username", "email", "password")


def first_passwords(people: Sequence[User], path: Path) -> Mapping[str, Secret]:
    """A password for each person, all of them on disk when this returns.

    A person who stands in the file already (the run before was cut off) keeps that password.
    """
    rows = {row["username"]: row for row in _read(path)}
    found: dict[str, Secret] = {}
    for person in people:
        old = rows.get(person.username)
        secret = Secret(old["password"]) if old else invent_password()
        email = person.email if isinstance(person.email, str) else ""
        rows[person.username] = {
            "username": person.username,
            "email": email,
            "password": secret.reveal(),
        }
        found[person.username] = secret
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    write_private(path, text.getvalue())
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    make_home(next((p for p in path.parents if p.name == ".chatops"), path.parent))
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


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            if tuple(reader.fieldnames or ()) != HEADER:
                raise ChatopsError(
                    f"{path} is not a file of first passwords of ours", hint="move it away"
                )
            return rows
    except FileNotFoundError:
        return []
