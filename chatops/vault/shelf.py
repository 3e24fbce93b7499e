"""The secrets of one environment: what most of chatops sees of a vault."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from chatops.fingerprints import Fingerprints
from chatops.resources import Key
from chatops.secrets import Secret
from chatops.vault.contents import Entry, Origin, Shape
from chatops.vault.draft import Draft
from chatops.vault.store import Vault
from chatops.vault.trouble import LockedVaultError

__all__ = ["Shelf", "ShelfDraft"]


@dataclass(frozen=True)
class Shelf:
    """One environment's part of a vault. Each method is `Vault`'s of that name."""

    vault: Vault
    environment: str

    def entry(self, name: str) -> Entry | None:
        """What is kept under a name: the environment's own, else the shared one."""
        return self.vault.entry(self.environment, name)

    def find(self, name: str) -> Secret | None:
        """The secret of this name; None where there is none. Raises VaultError."""
        return self.vault.find(self.environment, name)

    def names(self) -> frozenset[str]:
        """The names of all that is kept here; what lies below counts where it can be read."""
        found = self._names(self.vault)
        if self.vault.below is not None:
            with suppress(LockedVaultError):
                found |= self._names(self.vault.below)
        return found

    def _names(self, vault: Vault) -> frozenset[str]:
        contents = vault.contents()
        own = contents.environments.get(self.environment, {})
        return frozenset(contents.shared.keys() | own.keys())

    def keep(
        self,
        name: str,
        value: Secret,
        *,
        origin: Origin = Origin.GIVEN,
        about: Mapping[str, str] | None = None,
    ) -> None:
        """Write a secret down. It is on disk when this returns."""
        self.vault.keep(self.environment, name, value, origin=origin, about=about)

    def invent(
        self,
        name: str,
        shape: Shape = Shape.TOKEN,
        *,
        length: int | None = None,
        about: Mapping[str, str] | None = None,
    ) -> Secret:
        """The secret of this name, made up at the first time, on disk when this returns."""
        return self.vault.invent(self.environment, name, shape, length=length, about=about)

    def pending(self) -> tuple[str, ...]:
        """What was made up anew and is not in force yet. Raises VaultError."""
        own = self.vault.contents().environments.get(self.environment, {})
        return tuple(name for name, entry in own.items() if entry.previous is not None)

    def applied(self, name: str) -> None:
        """The value is in force now: the one before a rotation is forgotten."""
        with self.change() as draft:
            draft.applied(name)

    def fingerprints(self) -> Fingerprints | None:
        """What was last written; None where there is no vault."""
        return self.vault.fingerprints(self.environment)

    def record(self, written: Mapping[tuple[Key, str], Secret | str | bytes]) -> None:
        """Note that these values have been written to these fields."""
        self.vault.record(self.environment, written)

    def require_writable(self, what: Sequence[str], command: str) -> None:
        """Refuse before anything is made where what must be kept cannot be."""
        self.vault.require_writable(what, command)

    @contextmanager
    def change(self) -> Iterator["ShelfDraft"]:
        """Many changes in one writing; nothing is written where one of them fails."""
        with self.vault.change() as draft:
            yield ShelfDraft(draft, self)


@dataclass(frozen=True)
class ShelfDraft:
    """A change of one environment's secrets that is under way."""

    draft: Draft
    shelf: Shelf

    def keep(
        self,
        name: str,
        value: Secret,
        *,
        origin: Origin = Origin.GIVEN,
        about: Mapping[str, str] | None = None,
    ) -> None:
        """Put a secret in."""
        self.draft.keep(self.shelf.environment, name, value, origin=origin, about=about)

    def invent(
        self,
        name: str,
        shape: Shape = Shape.TOKEN,
        *,
        length: int | None = None,
        about: Mapping[str, str] | None = None,
    ) -> Secret:
        """The secret of this name, made up where there is none."""
        below = self.shelf.vault.below
        there = below.find(self.shelf.environment, name) if below is not None else None
        if there is not None:
            return there
        return self.draft.invent(self.shelf.environment, name, shape, length=length, about=about)

    def applied(self, name: str) -> None:
        """The value is in force now."""
        self.draft.applied(self.shelf.environment, name)
