"""What can be wrong with a vault."""

from chatops.secrets import SecretError

__all__ = ["LockedVaultError", "VaultError"]


class VaultError(SecretError):
    """The vault cannot be read or written."""


class LockedVaultError(VaultError):
    """There is a vault, and its password is not here."""
