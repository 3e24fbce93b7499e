"""What was last written into fields that no server shows again: fingerprints in the vault."""

import hashlib
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from chatops.core.desired import Desired, with_fields
from chatops.errors import ChatopsError
from chatops.fingerprints import Fingerprints
from chatops.platforms.base import Handler, Output
from chatops.resources import Key, Kind, Picture
from chatops.secrets import Secret
from chatops.vault import LockedVaultError, Origin, Shelf

__all__ = ["VaultMemory", "is_token", "output_name", "with_new_tokens"]


def output_name(key: Key, name: str) -> str:
    """What an output of a thing is called in the vault: `bot/robo/token`.

    A name may hold what no secret's name can; then the letters that can stand for it, and a hash.
    """
    plain = re.sub(r"[^A-Za-z0-9._/@-]+", "-", key.name)
    if plain != key.name:
        plain += "-" + hashlib.sha256(key.name.encode()).hexdigest()[:8]
    return f"{key.kind}/{plain}/{name}"


def is_token(name: str) -> bool:
    """Whether a secret is the token of a bot, which its server makes anew when asked."""
    return name.startswith(f"{Kind.BOT}/") and name.endswith("/token")


def with_new_tokens(desired: Desired, shelf: Shelf | None) -> Desired:
    """The same, with a new token asked for each bot whose old one is to end."""
    if shelf is None:
        return desired
    with suppress(LockedVaultError):
        turned = {name for name in shelf.pending() if is_token(name)}
        return with_fields(
            desired,
            {
                r.key: {"token": True}
                for r in desired.resources
                if r.kind is Kind.BOT and output_name(r.key, "token") in turned
            },
        )
    return desired


class VaultMemory:
    """The memory of one run in one environment.

    Where there is a vault to note it in and nothing is noted, a value counts as changed, once.
    Where nothing can be noted (no vault, no password for it, a pipeline that may not write),
    nobody can tell. What is `unmade` was never written. Safe to share between threads.
    """

    def __init__(
        self,
        shelf: Shelf,
        handlers: Mapping[Kind, Handler[Any]] | None = None,
        *,
        unmade: frozenset[Key] = frozenset(),
    ) -> None:
        self._shelf = shelf
        self._unmade = unmade
        self._handlers = handlers or {}
        self._written: dict[tuple[Key, str], Secret | str] = {}
        self._lock = threading.Lock()
        self._known: Fingerprints | None = None
        self._unknown: bool | None = None
        try:
            self._known = shelf.fingerprints()
        except LockedVaultError:
            return
        if self._known is not None and not shelf.vault.read_only():
            self._unknown = False

    def same(self, key: Key, name: str, value: Secret | Picture) -> bool | None:
        """Whether it is this value; None where nobody can tell."""
        if key in self._unmade:
            return False
        if self._known is None:
            return None
        found = self._known.same(key, name, _content(value))
        return self._unknown if found is None else found

    def remember(self, key: Key, name: str, value: Secret | Picture) -> None:
        """Note what was written; it is on disk after `settle`."""
        with self._lock:
            self._written[key, name] = _content(value)

    def keep(self, key: Key, outputs: Mapping[str, Output]) -> None:
        """Put what a server tells once into the vault, at once. Raises RefusedError, VaultError."""
        if getattr(self._handlers.get(key.kind), "shows_again", False):
            return
        secret = {n: o.value for n, o in outputs.items() if isinstance(o.value, Secret)}
        if secret:
            with self._shelf.change() as draft:
                for name, value in secret.items():
                    draft.keep(output_name(key, name), value, origin=Origin.SERVER)

    def settle(self) -> str:
        """Write the notes down. What could not be noted, in words; empty where all is well."""
        with self._lock:
            written, self._written = self._written, {}
        if not written or (self._known is None and not self._made_meanwhile()):
            return ""
        why = self._shelf.vault.read_only()
        if why:
            what = ", ".join(sorted(str(key) for key, _ in written))
            return f"cannot note what was written ({what}), so the next plan shows it again: {why}"
        try:
            self._shelf.record(written)
        except ChatopsError as error:
            return f"cannot note what was written: {error.message}"
        return ""

    def _made_meanwhile(self) -> bool:
        """Whether there is a vault by now: the first secret of the run has made it."""
        try:
            self._known = self._shelf.fingerprints()
        except ChatopsError:
            return False
        return self._known is not None


def _content(value: Secret | Picture) -> Secret | str:
    return value if isinstance(value, Secret) else value.sha256
