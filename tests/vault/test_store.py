"""The vault on disk: whose password, who may write, and nothing lost or half written."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatops.errors import ChatopsError, RefusedError
from chatops.resources import Key, Kind
from chatops.secrets import Secret
from chatops.vault import Entry, LockedVaultError, Origin, Shape, Vault, VaultError

SMTP = Key(Kind.SETTING, "smtp.password")


def vault(folder: Path, **more: object) -> Vault:
    options = {"environ": {"CHATOPS_VAULT_PASSWORD": "sesame"}, **more}
    return Vault(folder / "vault.yaml", folder / ".chatops", **options)  # type: ignore[arg-type]


def shown(error: ChatopsError) -> str:
    return f"{error.message} | {error.hint}"


def test_a_secret_is_invented_once_and_on_disk_at_once(tmp_path: Path) -> None:
    first = vault(tmp_path).invent("prod", "database", Shape.TOKEN)
    assert vault(tmp_path).find("prod", "database") == first
    assert vault(tmp_path).invent("prod", "database") == first
    assert vault(tmp_path).find("test", "database") is None
    plain = first.reveal()
    assert len(plain) == 40
    assert plain.isalnum()
    assert plain.encode() not in (tmp_path / "vault.yaml").read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {"vault.yaml", ".chatops"}


@pytest.mark.parametrize(("shape", "length"), [(Shape.PASSWORD, 24), (Shape.TOKEN, 40)])
def test_what_is_invented_has_its_shape(tmp_path: Path, shape: Shape, length: int) -> None:
    assert len(vault(tmp_path).invent("prod", "x", shape).reveal()) == length


def test_the_password_is_made_with_the_vault_and_told(tmp_path: Path) -> None:
    said: list[str] = []
    made = vault(tmp_path, environ={}, say=said.append)
    made.invent("prod", "database")
    key = tmp_path / ".chatops" / "vault-password"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert (key.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert said == [
        f"made the vault {tmp_path}/vault.yaml and its password in {key}: keep a copy of the "
        "password elsewhere, nobody can read the vault without it"
    ]
    assert key.read_text(encoding="utf-8").strip() not in said[0]
    assert vault(tmp_path, environ={}).find("prod", "database") is not None
    assert vault(tmp_path, environ={"CHATOPS_VAULT_PASSWORD_FILE": str(key)}).find(
        "prod", "database"
    )


def test_a_second_password_is_never_made_for_a_vault_that_is_there(tmp_path: Path) -> None:
    vault(tmp_path).invent("prod", "database")
    other = vault(tmp_path, environ={})
    for act in (lambda: other.find("prod", "x"), lambda: other.invent("prod", "x")):
        with pytest.raises(LockedVaultError) as told:
            act()
    assert shown(told.value) == (
        f"{tmp_path}/vault.yaml is encrypted, and its password is not here | export "
        "CHATOPS_VAULT_PASSWORD, or CHATOPS_VAULT_PASSWORD_FILE=PATH, or put your copy back into "
        f"{tmp_path}/.chatops/vault-password"
    )
    assert not (tmp_path / ".chatops" / "vault-password").exists()


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    vault(tmp_path, environ={}).invent("prod", "database")
    empty = {"CHATOPS_VAULT_PASSWORD": "", "CHATOPS_VAULT_PASSWORD_FILE": ""}
    assert vault(tmp_path, environ=empty).find("prod", "database") is not None


def test_a_wrong_password(tmp_path: Path) -> None:
    vault(tmp_path).invent("prod", "database")
    with pytest.raises(VaultError) as told:
        vault(tmp_path, environ={"CHATOPS_VAULT_PASSWORD": "wrong"}).find("prod", "x")
    assert shown(told.value) == (
        f"the password from CHATOPS_VAULT_PASSWORD does not open {tmp_path}/vault.yaml | it is "
        "another vault's password, or the file was altered: `git log vault.yaml` knows the older "
        "ones"
    )


CONFLICT = b"<<<<<<< HEAD\n$ANSIBLE_VAULT;1.1;AES256\n31\n=======\n32\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (CONFLICT, "holds the marks of an unsolved merge | `chatops secret merge` puts both"),
        (b"shared: {}\n", "cannot be read: it is not encrypted | take an older one out of git"),
        (b"", "cannot be read: it is empty | "),
        (b"\0\1\2", "cannot be read: it is not encrypted | "),
        (b"$ANSIBLE_VAULT;1.1;AES256\n3132\n", "cannot be read: a part of it is missing"),
    ],
)
def test_a_vault_that_is_none(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "vault.yaml").write_bytes(data)
    for act in (vault(tmp_path).contents, lambda: vault(tmp_path).invent("prod", "x")):
        with pytest.raises(VaultError) as told:
            act()
        assert shown(told.value).startswith(f"{tmp_path}/vault.yaml {why}")
    assert (tmp_path / "vault.yaml").read_bytes() == data


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"CHATOPS_VAULT_PASSWORD": " \n"}, "the vault's password from CHATOPS_VAULT_PASSWORD is"),
        (
            {"CHATOPS_VAULT_PASSWORD_FILE": "/nowhere/key"},
            "cannot read the vault's password from CHATOPS_VAULT_PASSWORD_FILE (/nowhere/key): No",
        ),
        ({"CHATOPS_VAULT_PASSWORD_FILE": "SCRIPT"}, "CHATOPS_VAULT_PASSWORD_FILE (SCRIPT) is a"),
    ],
)
def test_a_password_that_is_none(
    tmp_path: Path, environ: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "SCRIPT").write_text("#!/bin/sh\npass show acme\n", encoding="utf-8")
    vault(tmp_path).invent("prod", "database")
    with pytest.raises(VaultError) as told:
        vault(tmp_path, environ=environ).find("prod", "x")
    assert told.value.message.startswith(why)


def test_an_open_password_file_is_closed(tmp_path: Path) -> None:
    vault(tmp_path, environ={}).invent("prod", "database")
    key = tmp_path / ".chatops" / "vault-password"
    key.chmod(0o644)
    vault(tmp_path, environ={}).find("prod", "database")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


KEYED = {"CHATOPS_VAULT_PASSWORD": "sesame"}


@pytest.mark.parametrize(
    ("environ", "allowed", "may"),
    [
        (KEYED, False, True),
        (KEYED | {"CI": "true"}, False, False),
        (KEYED | {"CI": "1"}, False, False),
        (KEYED | {"CI": "false"}, False, True),
        (KEYED | {"CI": "true"}, True, True),
        (KEYED | {"CI": "true", "CHATOPS_VAULT_WRITE": "1"}, False, True),
        (KEYED | {"CI": "true", "CHATOPS_VAULT_WRITE": "0"}, False, False),
        # A password made there would be lost with the machine.
        ({"CI": "true"}, True, False),
    ],
)
def test_who_may_write(tmp_path: Path, environ: dict[str, str], allowed: bool, may: bool) -> None:
    asked = vault(tmp_path, environ=environ, allowed=allowed)
    assert bool(asked.read_only()) is not may
    if may:
        asked.invent("prod", "x")
        asked.require_writable(["x"], "chatops secret invent x")
    else:
        with pytest.raises(RefusedError):
            asked.invent("prod", "x")
        assert not list(tmp_path.iterdir())


def test_a_pipeline_is_told_what_to_do_instead(tmp_path: Path) -> None:
    asked = vault(tmp_path, environ=KEYED | {"CI": "true"})
    asked.require_writable([], "nothing")
    with pytest.raises(RefusedError) as told:
        asked.require_writable(["first-admin", "database"], "chatops secret invent first-admin")
    assert told.value.exit_code == 5
    assert shown(told.value) == (
        "this run would invent secrets (first-admin, database) that cannot be kept: this is a "
        "pipeline (CI=true), and what it writes is lost | on your own machine: `chatops secret "
        "invent first-admin`, then commit vault.yaml; or allow this run to write it "
        "(--write-vault), and see that the file is kept"
    )


def test_what_is_there_is_found_where_nothing_may_be_written(tmp_path: Path) -> None:
    made = vault(tmp_path).invent("prod", "database")
    assert vault(tmp_path, environ=KEYED | {"CI": "true"}).invent("prod", "database") == made


def test_a_write_protected_file_is_not_written(tmp_path: Path) -> None:
    vault(tmp_path).invent("prod", "a")
    (tmp_path / "vault.yaml").chmod(0o444)
    with pytest.raises(RefusedError) as told:
        vault(tmp_path).invent("prod", "b")
    assert "is write-protected" in told.value.message


def test_a_sandboxs_vault_knows_nothing_of_pipelines_and_passwords_elsewhere(
    tmp_path: Path,
) -> None:
    below = vault(tmp_path)
    below.keep("", "smtp", Secret("from-the-company"))
    box = tmp_path / ".chatops" / "sandbox" / "mattermost"
    own = Vault(box / "vault.yaml", box, private=True, below=below, environ=KEYED | {"CI": "true"})
    own.invent("sandbox", "first-admin", Shape.PASSWORD)
    assert own.find("sandbox", "smtp") == Secret("from-the-company")
    assert {p.name for p in box.iterdir()} == {"vault.yaml", "vault-password", "vault.lock"}
    assert below.find("sandbox", "first-admin") is None


def test_the_same_again_leaves_the_file_alone(tmp_path: Path) -> None:
    vault(tmp_path).keep("prod", "a", Secret("value-1"), about={"username": "x"})
    before = (tmp_path / "vault.yaml").read_bytes()
    vault(tmp_path).keep("prod", "a", Secret("value-1"))
    with vault(tmp_path).change() as draft:
        draft.invent("prod", "a")
        draft.applied("prod", "a")
        draft.forget("prod", "b")
    assert (tmp_path / "vault.yaml").read_bytes() == before


def test_a_change_that_fails_half_way_leaves_the_file_alone(tmp_path: Path) -> None:
    vault(tmp_path).keep("prod", "a", Secret("value-1"))
    before = (tmp_path / "vault.yaml").read_bytes()
    with pytest.raises(VaultError), vault(tmp_path).change() as draft:
        draft.keep("prod", "b", Secret("value-2"))
        draft.keep("prod", "-c", Secret("value-3"))
    assert (tmp_path / "vault.yaml").read_bytes() == before


def test_what_a_dead_writer_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".vault.yaml.new").write_bytes(b"half")
    vault(tmp_path).keep("prod", "a", Secret("value-1"))
    assert not (tmp_path / ".vault.yaml.new").exists()
    assert vault(tmp_path).find("prod", "a") == Secret("value-1")


def test_a_linked_vault_stays_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "vault.yaml").symlink_to(elsewhere / "vault.yaml")
    vault(tmp_path).keep("prod", "a", Secret("value-1"))
    vault(tmp_path).keep("prod", "a", Secret("value-2"))
    assert (tmp_path / "vault.yaml").is_symlink()
    assert (elsewhere / "vault.yaml").is_file()


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    one = vault(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: one.keep("prod", f"t{n}", Secret(f"value-{n}")), range(16)))
    code = (
        "import sys; from pathlib import Path; from chatops.vault import Vault\n"
        "from chatops.secrets import Secret\n"
        "folder = Path(sys.argv[1])\n"
        "v = Vault(folder / 'vault.yaml', folder / '.chatops')\n"
        "for n in range(10): v.keep('prod', f'{sys.argv[2]}{n}', Secret(f'value-{n}'))\n"
    )
    env = {**os.environ, "CHATOPS_VAULT_PASSWORD": "sesame"}
    env.pop("CI", None)
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), who], env=env) for who in "ab"
    ]
    assert [p.wait(60) for p in running] == [0, 0]
    assert len(vault(tmp_path).contents().environments["prod"]) == 16 + 20


def test_another_process_change_is_seen(tmp_path: Path) -> None:
    one, two = vault(tmp_path), vault(tmp_path)
    one.keep("prod", "a", Secret("value-1"))
    assert two.find("prod", "a") == Secret("value-1")
    one.keep("prod", "a", Secret("value-2"))
    assert two.find("prod", "a") == Secret("value-2")


def test_a_turned_secret_keeps_what_is_in_force_until_it_is_applied(tmp_path: Path) -> None:
    store = vault(tmp_path)
    first = store.invent("prod", "database", length=32, about={"user": "chat"})
    for _ in range(2):
        with store.change() as draft:
            draft.rotate("prod", "database")
    entry = store.entry("prod", "database")
    assert isinstance(entry, Entry)
    assert entry.previous == first
    assert entry.value != first
    assert len(entry.value.reveal()) == 32
    assert entry.about == {"user": "chat"}
    with store.change() as draft:
        draft.applied("prod", "database")
    entry = store.entry("prod", "database")
    assert entry is not None
    assert entry.previous is None


def test_only_what_we_invented_is_turned(tmp_path: Path) -> None:
    store = vault(tmp_path)
    store.keep("prod", "smtp", Secret("value-1"))
    store.keep("prod", "bot/robo", Secret("value-2"), origin=Origin.SERVER)
    for name in ("smtp", "nothing"):
        with pytest.raises(VaultError), store.change() as draft:
            draft.rotate("prod", name)
    # What a server made, it makes anew: until then the same is before and after.
    with store.change() as draft:
        draft.rotate("prod", "bot/robo")
    turned = store.entry("prod", "bot/robo")
    assert turned is not None
    assert (turned.value, turned.previous) == (Secret("value-2"), Secret("value-2"))


def test_fingerprints_are_kept_by_environment(tmp_path: Path) -> None:
    store = vault(tmp_path)
    assert store.fingerprints("prod") is None
    store.record("prod", {(SMTP, "value"): Secret("canary-value")})
    again = vault(tmp_path)
    prints, elsewhere = again.fingerprints("prod"), again.fingerprints("test")
    assert prints is not None
    assert elsewhere is not None
    assert prints.same(SMTP, "value", Secret("canary-value")) is True
    assert prints.same(SMTP, "value", Secret("another")) is False
    assert elsewhere.same(SMTP, "value", Secret("canary-value")) is None


def test_a_vault_without_fingerprints_knows_that_it_does_not_know(tmp_path: Path) -> None:
    store = vault(tmp_path)
    store.keep("", "a", Secret("value-1"))
    prints = store.fingerprints("prod")
    assert prints is not None
    assert prints.same(SMTP, "value", Secret("x")) is None
