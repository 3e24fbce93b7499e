"""The vault on disk: opened when it is first needed, written whole, by one process at a time."""

import fcntl
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from chatops.errors import RefusedError
from chatops.fingerprints import Fingerprints
from chatops.private import make_home
from chatops.resources import Key
from chatops.secrets import Secret, SecretError
from chatops.vault import cipher, password
from chatops.vault.contents import Contents, Entry, Malformed, Origin, Shape, parse, write
from chatops.vault.draft import Draft
from chatops.vault.merging import merge
from chatops.vault.trouble import LockedVaultError, VaultError

__all__ = ["Vault"]

MOST_BYTES: Final = 20_000_000
PATIENCE_SECONDS: Final = 20.0
SHORT: Final = 16
"""Ten thousand rounds of PBKDF2 hold nobody up for long: below this a password can be guessed."""
WRITE_VARIABLE: Final = "CHATOPS_VAULT_WRITE"
_YES: Final = ("1", "true", "yes")
_CONFLICT: Final = re.compile(rb"^(<{7}|={7}|>{7}|\|{7})( |\r?$)", re.M)


class Vault:
    """One encrypted file of secrets.

    `path` is the file; `home` the folder (never in git) of its lock and of the password that is
    made with it. `private`: the password is only ever looked for there, as for a sandbox, whose
    vault lives and dies with it. `below` is asked for what is not in here. `allowed`: writing was
    asked for by name, also in a pipeline. `say` tells a person what they must know.
    """

    def __init__(
        self,
        path: Path,
        home: Path,
        *,
        private: bool = False,
        below: "Vault | None" = None,
        allowed: bool = False,
        environ: Mapping[str, str] = os.environ,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.path = path
        self.home = home
        self.below = below
        self.say = say
        self._private = private
        self._environ: Mapping[str, str] = {} if private else environ
        self._allowed = allowed or self._environ.get(WRITE_VARIABLE, "").lower() in _YES
        self._password: password.Password | None = None
        self._label = ""
        self._read: tuple[tuple[int, ...], Contents] | None = None
        self._thread = threading.RLock()

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    def contents(self) -> Contents:
        """Everything in it; nothing where there is no file. Raises VaultError."""
        with self._thread:
            try:
                about = self.path.stat()
            except FileNotFoundError:
                return Contents()
            except OSError as error:
                raise VaultError(f"cannot read {self.path}: {error.strerror}") from error
            state = (about.st_ino, about.st_mtime_ns, about.st_size)
            if self._read is None or self._read[0] != state:
                self._read = (state, self._open())
            return self._read[1]

    def entry(self, environment: str, name: str) -> Entry | None:
        """What is kept under a name: the environment's own, then the shared one, then below."""
        own = self.contents().entry(environment, name)
        if own is None and self.below is not None:
            return self.below.entry(environment, name)
        return own

    def find(self, environment: str, name: str) -> Secret | None:
        """The secret of this name; None where there is none. Raises VaultError."""
        entry = self.entry(environment, name)
        return entry.value if entry is not None else None

    def keep(
        self,
        environment: str,
        name: str,
        value: Secret,
        *,
        origin: Origin = Origin.GIVEN,
        about: Mapping[str, str] | None = None,
    ) -> None:
        """Write a secret down. It is on disk when this returns. An empty environment: for all."""
        with self.change() as draft:
            draft.keep(environment, name, value, origin=origin, about=about)

    def invent(
        self,
        environment: str,
        name: str,
        shape: Shape = Shape.TOKEN,
        *,
        length: int | None = None,
        about: Mapping[str, str] | None = None,
    ) -> Secret:
        """The secret of this name, made up at the first time, on disk when this returns.

        Raises RefusedError where the vault may not be written.
        """
        known = self.find(environment, name)
        if known is not None:
            return known
        with self.change() as draft:
            return draft.invent(environment, name, shape, length=length, about=about)

    def fingerprints(self, environment: str) -> Fingerprints | None:
        """What was last written in an environment; None where there is no vault."""
        if not self.exists:
            return None
        contents = self.contents()
        return Fingerprints(
            environment=environment,
            secret=contents.fingerprint_key or Secret("-"),
            marks=contents.marks.get(environment, {}) if contents.fingerprint_key else {},
        )

    def record(
        self, environment: str, written: Mapping[tuple[Key, str], Secret | str | bytes]
    ) -> None:
        """Note that these values have been written to these fields."""
        if written:
            with self.change() as draft:
                draft.record(environment, written)

    def read_only(self) -> str:
        """Why it may not be written; empty where it may."""
        about = self.path.stat() if self.path.exists() else None
        if about is not None and not stat.S_IMODE(about.st_mode) & 0o222:
            return f"{self.path} is write-protected"
        if not os.access(self.path.resolve().parent if about else _nearest(self.path), os.W_OK):
            return f"the folder of {self.path} cannot be written to"
        pipeline = self._environ.get("CI", "").lower() in _YES
        if pipeline and not self._allowed:
            return f"this is a pipeline (CI={self._environ['CI']}), and what it writes is lost"
        if pipeline and about is None and password.find(self.home, self._environ) is None:
            return f"there is no vault yet, and no {password.VARIABLE} to make one with"
        return ""

    def require_writable(self, what: Sequence[str], command: str) -> None:
        """Refuse before anything is made where what must be kept cannot be.

        `what` would be invented; `command` makes it beforehand, on a person's machine.
        """
        why = self.read_only() if what else ""
        if why:
            shown = ", ".join(what[:8]) + (f" and {len(what) - 8} more" if len(what) > 8 else "")
            raise RefusedError(
                f"this run would invent secrets ({shown}) that cannot be kept: {why}",
                hint=f"on your own machine: `{command}`, then commit {self.path.name}; or allow "
                "this run to write it (--write-vault), and see that the file is kept",
            )

    @contextmanager
    def change(self) -> Iterator[Draft]:
        """Change it: read afresh under a lock, and written at the end if anything differs.

        Raises RefusedError where it may not be written and something differs, VaultError where it
        cannot be.
        """
        why = self.read_only()
        if why:
            draft = Draft(self.contents())
            yield draft
            if draft.contents != self.contents():
                raise RefusedError(f"the vault cannot be written: {why}", hint="nothing is kept")
            return
        with self._thread, self._locked():
            self._read = None
            before = self.contents()
            draft = Draft(before)
            yield draft
            if draft.contents != before:
                self._write(draft.contents)

    def merge(self, base: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, tuple[str, ...]]:
        """Three encrypted versions put together, and the names on which two sides clash.

        An empty one holds nothing. Raises VaultError.
        """
        read = [self._unlock(x) if x.strip() else Contents() for x in (base, ours, theirs)]
        merged, clash = merge(*read)
        known = self._password or self._key()
        if known is None:
            raise VaultError("there is nothing to merge: each side is empty")
        return cipher.encrypt(write(merged).encode(), known.value, label=self._label), clash

    def replace(self, sealed: bytes) -> None:
        """Put an encrypted version in place of the file. Raises VaultError."""
        self._unlock(sealed)
        with self._thread, self._locked():
            self._read = None
            self._put(sealed)

    def _open(self) -> Contents:
        return self._unlock(self._bytes())

    def _unlock(self, data: bytes) -> Contents:
        if _CONFLICT.search(data):
            raise VaultError(
                f"{self.path} holds the marks of an unsolved merge",
                hint="`chatops secret merge` puts both sides together",
            )
        known = self._key()
        if known is None:
            raise LockedVaultError(
                f"{self.path} is encrypted, and its password is not here",
                hint=f"export {password.VARIABLE}, or {password.VARIABLE_FILE}=PATH, or put your "
                f"copy back into {self.home / password.FILE}",
            )
        self._password = known
        try:
            plain, self._label = cipher.decrypt(data, known.value)
            return parse(plain.decode("utf-8"))
        except cipher.WrongPassword:
            raise VaultError(
                f"the password from {known.source} does not open {self.path}",
                hint="it is another vault's password, or the file was altered: "
                f"`git log {self.path.name}` knows the older ones",
            ) from None
        except cipher.Damaged as error:
            raise VaultError(f"{self.path} cannot be read: {error}", hint=self._mend()) from None
        except UnicodeDecodeError:
            raise VaultError(
                f"{self.path} cannot be read: its plain text is not UTF-8", hint=self._mend()
            ) from None
        except Malformed as error:
            raise VaultError(
                f"{self.path} is not understood: {error}",
                hint=f"`ansible-vault edit {self.path.name}` mends it, with the same password",
            ) from None

    def _mend(self) -> str:
        name = self.path.name
        return (
            f"take an older one out of git (`git checkout HEAD {name}`); a file in plain text is "
            f"encrypted by `ansible-vault encrypt {name}`"
        )

    def _bytes(self) -> bytes:
        try:
            about = self.path.stat()
            if not stat.S_ISREG(about.st_mode):
                raise VaultError(f"cannot read {self.path}: it is not an ordinary file")
            if about.st_size > MOST_BYTES:
                raise VaultError(f"cannot read {self.path}: it has more than 20 MB")
            return self.path.read_bytes()
        except OSError as error:
            raise VaultError(f"cannot read {self.path}: {error.strerror}") from error

    def _key(self) -> password.Password | None:
        try:
            return password.find(self.home, self._environ)
        except VaultError:
            raise
        except SecretError as error:
            raise VaultError(error.message, hint=error.hint) from error

    def _write(self, contents: Contents) -> None:
        known = self._password or self._key()
        if known is not None and not self.exists and len(known.value.reveal()) < SHORT:
            self.say(
                f"the vault's password from {known.source} is short: whoever has the file can try "
                "as many as they like"
            )
        if known is None:
            make_home(next((p for p in self.home.parents if p.name == ".chatops"), self.home))
            known = password.make(self.home)
            if not self._private:
                self.say(
                    f"made the vault {self.path} and its password in {known.source}: keep a copy "
                    "of the password elsewhere, nobody can read the vault without it"
                )
        self._password = known
        self._put(cipher.encrypt(write(contents).encode(), known.value, label=self._label))

    def _put(self, sealed: bytes) -> None:
        """Write the file, whole or not at all."""
        target = self.path.resolve()
        # Only one process is here at a time, so what a dead one left is simply overwritten.
        temporary = target.with_name(f".{target.name}.new")
        try:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
            _settle(target.parent)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise VaultError(f"cannot write {self.path}: {error.strerror}") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The kernel lets go of it when the process ends, however it ends."""
        make_home(next((p for p in self.home.parents if p.name == ".chatops"), self.home))
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.home / "vault.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise VaultError(f"cannot lock {self.path}: {error.strerror}") from error
        try:
            end = time.monotonic() + PATIENCE_SECONDS
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise VaultError(
                            f"another process is writing {self.path}",
                            hint="wait for it to end, then run again",
                        ) from None
                    time.sleep(0.05)
            yield
        finally:
            os.close(handle)


def _nearest(path: Path) -> Path:
    """The first folder above that is there."""
    return next(p for p in path.absolute().parents if p.exists())


def _settle(folder: Path) -> None:
    """What was renamed in a folder is still so after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
