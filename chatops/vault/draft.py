"""A change of the vault that is under way: values in, values out, nothing on disk."""

from collections.abc import Mapping
from dataclasses import replace

from chatops.fingerprints import Fingerprints, place
from chatops.resources import Key
from chatops.secrets import Secret, invent_token
from chatops.vault.contents import NAME, Contents, Entry, Origin, Shape, now
from chatops.vault.trouble import VaultError

__all__ = ["Draft"]


class Draft:
    """A change of the vault that is under way; see `Vault.change`."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents

    def keep(
        self,
        environment: str,
        name: str,
        value: Secret,
        *,
        origin: Origin = Origin.GIVEN,
        about: Mapping[str, str] | None = None,
    ) -> None:
        """Put a secret in. The same value again changes nothing, not even its date."""
        _check(name)
        if not value.reveal():
            raise VaultError(f"the secret {name} is empty", hint="nothing was changed")
        old = self._own(environment, name)
        about = dict(old.about if old is not None and about is None else about or {})
        if old is None or old.value != value or old.about != about or old.origin is not origin:
            new = Entry(value=value, origin=origin, changed=now(), about=about)
            self.contents = self.contents.with_entry(environment, name, new)

    def invent(
        self,
        environment: str,
        name: str,
        shape: Shape = Shape.TOKEN,
        *,
        length: int | None = None,
        about: Mapping[str, str] | None = None,
    ) -> Secret:
        """The secret of this name, made up where there is none."""
        _check(name)
        there = self.contents.entry(environment, name)
        if there is not None:
            return there.value
        new = Entry(
            value=shape.invent(length),
            origin=Origin.INVENTED,
            shape=shape,
            changed=now(),
            about=dict(about or {}),
        )
        self.contents = self.contents.with_entry(environment, name, new)
        return new.value

    def rotate(self, environment: str, name: str) -> Entry:
        """Invent it anew; what is in force stays beside it until `applied` is called."""
        old = self._own(environment, name)
        if old is not None and old.origin is Origin.SERVER:
            # Its server makes it anew: until then the same value is before and after.
            new = replace(old, previous=old.value)
            self.contents = self.contents.with_entry(environment, name, new)
            return new
        if old is None or old.shape is None:
            raise VaultError(f"{name} is none that chatops invented")
        new = Entry(
            value=old.shape.invent(len(old.value.reveal())),
            origin=Origin.INVENTED,
            shape=old.shape,
            changed=now(),
            # Rotated twice without applying: the oldest is the one in force.
            previous=old.previous or old.value,
            about=old.about,
        )
        self.contents = self.contents.with_entry(environment, name, new)
        return new

    def applied(self, environment: str, name: str) -> None:
        """The value is in force now: the one before is forgotten."""
        old = self._own(environment, name)
        if old is not None and old.previous is not None:
            self.contents = self.contents.with_entry(environment, name, replace(old, previous=None))

    def forget(self, environment: str, name: str) -> bool:
        """Take a secret out; whether there was one."""
        there = self._own(environment, name) is not None
        self.contents = self.contents.with_entry(environment, name, None)
        return there

    def record(
        self, environment: str, written: Mapping[tuple[Key, str], Secret | str | bytes]
    ) -> None:
        """Note what has been written; see `Vault.record`."""
        if self.contents.fingerprint_key is None:
            self.contents = replace(self.contents, fingerprint_key=invent_token(48))
        prints = Fingerprints(
            environment=environment, secret=self.contents.fingerprint_key or Secret("-")
        )
        marks = {place(k, n): prints.mark(k, n, v) for (k, n), v in written.items()}
        self.contents = self.contents.with_marks(environment, marks)

    def _own(self, environment: str, name: str) -> Entry | None:
        shelf = self.contents.environments.get(environment, {}) if environment else None
        return (self.contents.shared if shelf is None else shelf).get(name)


def _check(name: str) -> None:
    if not NAME.fullmatch(name):
        raise VaultError(
            f"`{name}` cannot be the name of a secret",
            hint="letters, digits and . _ / @ -, at most 200, not beginning with - or /",
        )
