"""Our vault and the real `ansible-vault` read each other's files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.secrets import Secret
from chatops.vault import cipher

TOOL = Path(sys.executable).parent / "ansible-vault"
PASSWORD = "a sound password, with ünïcode"
PLAIN = "shared:\n  smtp: {value: 'pâss\"word'}\n"


def ansible_vault(folder: Path, *words: str, feed: str | None = None) -> str:
    key = folder / "key"
    key.write_text(PASSWORD + "\n", encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [TOOL, *words, "--vault-password-file", str(key)],
        cwd=folder,
        env=env,
        input=feed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("plain", [PLAIN, "x: " + "y" * 100_000 + "\n"], ids=["short", "long"])
def test_ansible_reads_what_we_wrote(tmp_path: Path, plain: str) -> None:
    path = tmp_path / "vault.yaml"
    path.write_bytes(cipher.encrypt(plain.encode(), Secret(PASSWORD)))
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1;AES256\n")
    assert max(map(len, path.read_bytes().splitlines())) == 80
    assert ansible_vault(tmp_path, "view", "vault.yaml").removesuffix("\n") == plain.rstrip("\n")
    ansible_vault(tmp_path, "decrypt", "vault.yaml")
    assert path.read_text(encoding="utf-8") == plain


def test_we_read_what_ansible_wrote(tmp_path: Path) -> None:
    path = tmp_path / "vault.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    ansible_vault(tmp_path, "encrypt", "vault.yaml")
    assert cipher.decrypt(path.read_bytes(), Secret(PASSWORD)) == (PLAIN.encode(), "")


def test_a_label_stays(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(PASSWORD, encoding="utf-8")
    path = tmp_path / "vault.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    ansible_vault(
        tmp_path, "encrypt", "--encrypt-vault-id", "acme", "--vault-id", f"acme@{key}", "vault.yaml"
    )
    plain, label = cipher.decrypt(path.read_bytes(), Secret(PASSWORD))
    assert (plain.decode(), label) == (PLAIN, "acme")
    path.write_bytes(cipher.encrypt(plain, Secret(PASSWORD), label=label))
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.2;AES256;acme\n")
    assert ansible_vault(tmp_path, "view", "vault.yaml").strip() == PLAIN.strip()


def test_another_password_is_given_by_ansible(tmp_path: Path) -> None:
    path, new = tmp_path / "vault.yaml", tmp_path / "new"
    path.write_bytes(cipher.encrypt(PLAIN.encode(), Secret(PASSWORD)))
    new.write_text("another password\n", encoding="utf-8")
    ansible_vault(tmp_path, "rekey", "--new-vault-password-file", str(new), "vault.yaml")
    assert cipher.decrypt(path.read_bytes(), Secret("another password"))[0] == PLAIN.encode()
    with pytest.raises(cipher.WrongPassword):
        cipher.decrypt(path.read_bytes(), Secret(PASSWORD))


def test_line_ends_of_windows_do_no_harm() -> None:
    text = cipher.encrypt(PLAIN.encode(), Secret(PASSWORD)).replace(b"\n", b"\r\n")
    assert cipher.decrypt(text, Secret(PASSWORD))[0] == PLAIN.encode()


def test_no_two_files_are_alike() -> None:
    assert cipher.encrypt(b"x", Secret(PASSWORD)) != cipher.encrypt(b"x", Secret(PASSWORD))


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_come_back(plain: bytes) -> None:
    assert cipher.decrypt(cipher.encrypt(plain, Secret(PASSWORD)), Secret(PASSWORD))[0] == plain


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=100_000), st.integers(min_value=1, max_value=255))
def test_a_flipped_bit_anywhere_is_noticed_or_means_nothing(where: int, bits: int) -> None:
    text = bytearray(cipher.encrypt(PLAIN.encode(), Secret(PASSWORD)))
    where %= len(text)
    if text[where : where + 1].isspace() or bytes([text[where] ^ bits]).isspace():
        return
    text[where] ^= bits
    try:
        plain, _ = cipher.decrypt(bytes(text), Secret(PASSWORD))
    except (cipher.Damaged, cipher.WrongPassword):
        return
    # A hex digit in the other case, within or without, says the same.
    assert plain == PLAIN.encode()


@settings(max_examples=25, deadline=None)
@given(st.integers(min_value=0, max_value=2000))
def test_half_a_file_is_noticed(length: int) -> None:
    text = cipher.encrypt(PLAIN.encode(), Secret(PASSWORD)).rstrip(b"\n")
    if length < len(text):
        with pytest.raises((cipher.Damaged, cipher.WrongPassword)):
            cipher.decrypt(text[:length], Secret(PASSWORD))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"shared: {}\n", "it is not encrypted"),
        (b"$ANSIBLE_VAULT;1.0;AES\n3030\n", "it is in another format ($ANSIBLE_VAULT;1.0;AES)"),
        (b"$ANSIBLE_VAULT;1.1;AES256\nxyz\n", "a part of it is missing or altered"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n", "a part of it is missing or altered"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n\xff\xfe\n", "a part of it is missing or altered"),
    ],
)
def test_what_is_no_vault_is_told(text: bytes, why: str) -> None:
    with pytest.raises(cipher.Damaged) as told:
        cipher.decrypt(text, Secret(PASSWORD))
    assert str(told.value).startswith(why)
