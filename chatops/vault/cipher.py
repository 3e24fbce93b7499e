"""Ansible Vault's file format, so that `ansible-vault view` reads what we write, and we its files.

    $ANSIBLE_VAULT;1.1;AES256            1.2 has a label behind it: ;LABEL
    hex of three lines, cut into lines of 80: hex(salt), hex(hmac), hex(ciphertext)

PBKDF2-HMAC-SHA-256 with 10,000 rounds makes 80 bytes of the password and the salt: a key for
AES-256 in counter mode, a key for HMAC-SHA-256 over the ciphertext, and the first counter; the
plain text is padded as in PKCS #7. Source: ansible-core 2.19, lib/ansible/parsing/vault
(VaultAES256, format_vaulttext_envelope).
"""

import hashlib
import hmac
import os
from binascii import hexlify, unhexlify
from typing import Final

from chatops.secrets import Secret

__all__ = ["Damaged", "Sealed", "WrongPassword", "decrypt", "encrypt"]

MAGIC: Final = b"$ANSIBLE_VAULT"
WIDTH: Final = 80
ROUNDS: Final = 10_000
BLOCK: Final = 16


class Damaged(Exception):
    """It is no file of this format; the text says why."""


class WrongPassword(Exception):
    """Its seal does not fit: another password made it, or it was altered since."""


class Sealed(bytes):
    """The whole text of an encrypted file."""


def encrypt(plain: bytes, password: Secret, *, label: str = "") -> Sealed:
    """Encrypt, with a new salt each time. A label makes it format 1.2."""
    salt = os.urandom(32)
    key, seal_key, counter = _keys(password, salt)
    pad = BLOCK - len(plain) % BLOCK
    cipher = _aes(key, counter, plain + bytes([pad]) * pad)
    seal = hmac.new(seal_key, cipher, hashlib.sha256).digest()
    body = hexlify(b"\n".join(map(hexlify, (salt, seal, cipher))))
    head = (
        b";".join((MAGIC, b"1.2", b"AES256", label.encode())) if label else MAGIC + b";1.1;AES256"
    )
    lines = [head, *(body[i : i + WIDTH] for i in range(0, len(body), WIDTH)), b""]
    return Sealed(b"\n".join(lines))


def decrypt(text: bytes, password: Secret) -> tuple[bytes, str]:
    """The plain text and the label. Raises Damaged or WrongPassword."""
    label = _label(text)
    lines = text.split()
    try:
        salt, seal, cipher = map(unhexlify, unhexlify(b"".join(lines[1:])).split(b"\n"))
    except ValueError as error:
        raise Damaged("a part of it is missing or altered") from error
    key, seal_key, counter = _keys(password, salt)
    if not hmac.compare_digest(seal, hmac.new(seal_key, cipher, hashlib.sha256).digest()):
        raise WrongPassword
    plain = _aes(key, counter, cipher)
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise Damaged("its end is missing")
    return plain[:-pad], label


def _label(text: bytes) -> str:
    """What the first line says. Raises Damaged."""
    head = text.split(b"\n", 1)[0].strip()
    if not head.startswith(MAGIC):
        raise Damaged("it is not encrypted" if text.strip() else "it is empty")
    parts = head.split(b";")
    if parts[1:3] not in ([b"1.1", b"AES256"], [b"1.2", b"AES256"]):
        shown = head.decode("ascii", "replace")[:60]
        raise Damaged(f"it is in another format ({shown}); AES256 of version 1.1 or 1.2 is read")
    return parts[3].decode("utf-8", "replace") if len(parts) > 3 else ""


def _keys(password: Secret, salt: bytes) -> tuple[bytes, bytes, bytes]:
    plain = password.reveal().encode("utf-8", "surrogateescape")
    made = hashlib.pbkdf2_hmac("sha256", plain, salt, ROUNDS, 80)
    return made[:32], made[32:64], made[64:]


def _aes(key: bytes, counter: bytes, data: bytes) -> bytes:
    # Imported here: most commands open no vault, and this takes a while to load.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    worker = Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    return bytes(worker.update(data) + worker.finalize())
