"""First passwords for the admin: in the vault before any account is made, then in a CSV to read."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from chatops.deploy.keeping import first_password
from chatops.errors import ChatopsError
from chatops.private import make_home, write_private
from chatops.resources import User
from chatops.secrets import Secret
from chatops.vault import Origin, Shape, Shelf

__all__ = ["first_passwords", "make_home", "settle", "write_private"]

HEADER = ("username", "email", "password")


def first_passwords(people: Sequence[User], shelf: Shelf, path: Path) -> Mapping[str, Secret]:
    """A password for each person, all of them on disk when this returns.

    A person who has one already (the run before was cut off) keeps it, also where an earlier
    version wrote it into the CSV alone. Whoever stands in the CSV stays in it, until the admin has
    handed the passwords over and deletes it.
    """
    rows = {row["username"]: row for row in _read(path)}
    found: dict[str, Secret] = {}
    with shelf.change() as draft:
        for person in people:
            old = rows.get(person.username, {}).get("password")
            if old and shelf.entry(first_password(person.username)) is None:
                draft.keep(first_password(person.username), Secret(old), origin=Origin.INVENTED)
            email = person.email if isinstance(person.email, str) and person.email else ""
            about = {"email": email} if email else {}
            found[person.username] = draft.invent(
                first_password(person.username), Shape.PASSWORD, about=about
            )
            rows[person.username] = {
                "username": person.username,
                "email": email,
                "password": found[person.username].reveal(),
            }
    _write(path, rows.values())
    return found


def settle(path: Path, failed: frozenset[str], renamed: Mapping[str, str]) -> None:
    """Hand over no password of an account that was not made, and none under an old name.

    What was made up for somebody whose account failed stays in the vault for the next run.
    """
    rows = _read(path)
    settled = [
        {**row, "username": renamed.get(row["username"], row["username"])}
        for row in rows
        if row["username"] not in failed
    ]
    if not settled:
        path.unlink(missing_ok=True)
    elif settled != rows:
        _write(path, settled)


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_private(path, text.getvalue())


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
