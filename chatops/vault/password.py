"""The vault's own password: from the environment, from a file, or made once and kept here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatops.private import write_private
from chatops.secrets import Secret, SecretError, invent_token

__all__ = ["FILE", "VARIABLE", "VARIABLE_FILE", "Password", "find", "make"]

VARIABLE: Final = "CHATOPS_VAULT_PASSWORD"
VARIABLE_FILE: Final = "CHATOPS_VAULT_PASSWORD_FILE"
FILE: Final = "vault-password"
MOST_BYTES: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Password:
    """The password, and where it comes from."""

    value: Secret
    source: str


def find(home: Path, environ: Mapping[str, str]) -> Password | None:
    """The password, or None where there is none. Raises SecretError for one that is no use.

    `home` is the folder of the file that `make` writes. An empty variable is none: pipelines set
    those whose secret is missing.
    """
    if environ.get(VARIABLE):
        return _sound(environ[VARIABLE], VARIABLE)
    named = environ.get(VARIABLE_FILE)
    if named:
        path = Path(named).expanduser()
        return _sound(_read(path, f"{VARIABLE_FILE} ({named})"), f"{VARIABLE_FILE} ({named})")
    path = home / FILE
    if not path.exists():
        return None
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return _sound(_read(path, str(path)), str(path))


def make(home: Path) -> Password:
    """A new password, on disk when this returns."""
    secret = invent_token(48)
    path = home / FILE
    write_private(path, secret.reveal() + "\n")
    return Password(value=secret, source=str(path))


def _read(path: Path, source: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such name"
        raise SecretError(
            f"cannot read the vault's password from {source}: {why}",
            hint=f"put your copy there, or export {VARIABLE}",
        ) from error
    if len(data) > MOST_BYTES or b"\0" in data:
        raise SecretError(f"{source} holds no password: it is too long, or no text")
    if data.startswith(b"#!"):
        # ansible-vault runs such a file and takes what it prints.
        raise SecretError(
            f"{source} is a script, and chatops does not run it",
            hint=f"run it yourself: export {VARIABLE}=$({path.name})",
        )
    return os.fsdecode(data)


def _sound(text: str, source: str) -> Password:
    """As ansible-vault does it: white space around a password is none of it."""
    if not text.strip():
        raise SecretError(f"the vault's password from {source} is empty")
    return Password(value=Secret(text.strip()), source=source)
