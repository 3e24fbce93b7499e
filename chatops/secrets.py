"""Values that nobody may see: a type that hides itself, and where such values come from."""

import getpass
import hmac
import os
import re
import secrets as _random
import string
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chatops.errors import ChatopsError
from chatops.ordinary import MOST_OF_A_SECRET, read_ordinary
from chatops.redaction import HIDDEN, Redactor

__all__ = [
    "HIDDEN",
    "REFERENCE",
    "Redactor",
    "Secret",
    "SecretError",
    "invent_password",
    "invent_token",
    "redactor",
    "resolve",
]

REFERENCE = re.compile(r"(env|file|vault|prompt):(.*)", re.DOTALL)
"""A reference to a secret, as the spec and environment.yaml write it."""


class SecretError(ChatopsError):
    """A secret that is referred to cannot be had."""


class Secret:
    """A value that shows itself only through `reveal()`. Its repr, str and format hide it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        redactor.learn(value)

    def reveal(self) -> str:
        """The value itself: only for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is never pickled")


redactor = Redactor()


def resolve(
    reference: str, *, base: Path, vault: Callable[[str], Secret | None] = lambda name: None
) -> Secret:
    """The secret behind `env:NAME`, `file:PATH`, `vault:NAME` or `prompt:QUESTION`.

    `base` is the folder that a relative path starts from, `vault` looks up a name in the vault.
    Raises `SecretError`.
    """
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise SecretError(
            "not a reference to a secret",
            hint="write env:NAME, file:PATH, vault:NAME or prompt:QUESTION",
        )
    where, name = match.groups()
    if where == "vault":
        found = vault(name)
        if found is None:
            raise SecretError(
                f"the vault holds no secret `{name}`", hint=f"`chatops secret set {name}`"
            )
        return found
    if where == "env":
        value = os.environ.get(name, "").strip("\r\n")
        if not value:
            raise SecretError(
                f"the environment variable {name} is not set", hint=f"export {name}=… and run again"
            )
        return Secret(value)
    if where == "file":
        path = base / name
        try:
            path = (base / Path(name).expanduser()).absolute()
            text = read_ordinary(path, MOST_OF_A_SECRET).decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            # Its own text shows a byte of the secret.
            raise SecretError(
                f"cannot read the secret file {path}: it is not UTF-8",
                hint="is it the right file?",
            ) from None
        except (OSError, ValueError, RuntimeError) as error:
            missing = isinstance(error, FileNotFoundError | PermissionError)
            raise SecretError(
                f"cannot read the secret file {path}: {getattr(error, 'strerror', None) or error}",
                hint="create it, readable by you alone (chmod 600)"
                if missing
                else "name a file that holds the secret and no more",
            ) from error
        if not text:
            raise SecretError(f"the secret file {path} is empty")
        return Secret(text)
    if not sys.stdin.isatty():
        raise SecretError(
            f"cannot ask for {name or 'a secret'}: nobody is at the terminal",
            hint="use env:NAME or file:PATH in a pipeline",
        )
    return Secret(getpass.getpass(f"{name or 'secret'}: ", stream=sys.stderr))


def invent_token(length: int) -> Secret:
    """Letters and digits, nothing that any file or address would have to escape."""
    alphabet = string.ascii_letters + string.digits
    return Secret("".join(_random.choice(alphabet) for _ in range(length)))


def invent_password(length: int = 24) -> Secret:
    """A password of ours that every policy takes: all four classes, nothing to misread."""
    classes = (
        "abcdefghijkmnopqrstuvwxyz",
        "ABCDEFGHJKLMNPQRSTUVWXYZ",
        string.digits[2:],
        "-_.!#%+=",
    )
    while True:
        text = "".join(_random.choice("".join(classes)) for _ in range(length))
        if all(set(text) & set(c) for c in classes) and text[0].isalpha():
            return Secret(text)
