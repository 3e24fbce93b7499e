"""What was last written to fields that no server shows again, told by a keyed fingerprint.

A fingerprint is HMAC-SHA-256 over the place and the value, with a key that lies in the vault:
whoever has no key can neither read the value out of it nor try guesses.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatops.resources import Key
from chatops.secrets import Secret

__all__ = ["Fingerprints", "place"]


def place(key: Key, name: str) -> str:
    """One field of one thing, as a text: `setting:smtp.password/value`."""
    return f"{key.folded}/{name}"


@dataclass(frozen=True, kw_only=True)
class Fingerprints:
    """The fingerprints of one environment; `marks` are by `place`."""

    environment: str
    secret: Secret
    marks: Mapping[str, str] = field(default_factory=dict)

    def same(self, key: Key, name: str, value: Secret | str | bytes) -> bool | None:
        """Whether this value was the last one written there; None where nobody noted one."""
        known = self.marks.get(place(key, name))
        if known is None:
            return None
        return hmac.compare_digest(known, self.mark(key, name, value))

    def mark(self, key: Key, name: str, value: Secret | str | bytes) -> str:
        """The fingerprint of a value at this place."""
        plain = value.reveal() if isinstance(value, Secret) else value
        data = plain.encode("utf-8", "surrogatepass") if isinstance(plain, str) else plain
        # The first two cannot hold a line end, so no two places make the same text.
        text = f"{self.environment}\n{place(key, name)}\n".encode() + data
        return hmac.new(self.secret.reveal().encode(), text, hashlib.sha256).hexdigest()
