"""First passwords for the admin, in a file of mode 0600 before any account is made."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatops.errors import ChatopsError
from chatops.private import make_home, write_private
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
