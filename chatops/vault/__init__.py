"""The company's secrets in one encrypted file, which may lie in git.

    vault = Vault(folder / "vault.yaml", folder / ".chatops")
    vault.find("production", "smtp-password")        the environment's own, else the shared one
    vault.invent("production", "database")           made once, on disk before it is returned
    vault.keep("production", "bot/robo", token, origin=Origin.SERVER)

`Shelf` is one environment's part of it: `environment.shelf.invent("database")`.

It is Ansible Vault's format: `ansible-vault view vault.yaml` shows the plain text.
"""

from chatops.vault.contents import NAME, Contents, Entry, Origin, Shape
from chatops.vault.draft import Draft
from chatops.vault.git import is_tracked, stages
from chatops.vault.password import FILE as PASSWORD_FILE
from chatops.vault.shelf import Shelf, ShelfDraft
from chatops.vault.store import Vault
from chatops.vault.trouble import LockedVaultError, VaultError

__all__ = [
    "NAME",
    "PASSWORD_FILE",
    "Contents",
    "Draft",
    "Entry",
    "LockedVaultError",
    "Origin",
    "Shape",
    "Shelf",
    "ShelfDraft",
    "Vault",
    "VaultError",
    "is_tracked",
    "stages",
]
