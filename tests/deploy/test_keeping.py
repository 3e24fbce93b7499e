"""What must not be lost is in the vault before it is used; what earlier versions kept, too."""

import csv
import json
import stat
from pathlib import Path

import pytest

from chatops.deploy import keeping
from chatops.deploy.company import Company, load_company
from chatops.deploy.handover import first_passwords, settle
from chatops.environments import Environment, Where, from_flags
from chatops.errors import ChatopsError, InstallError
from chatops.resources import User
from chatops.secrets import Secret
from chatops.vault import Origin, Shelf

SPEC = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"
ANN = User(username="ann", email="ann@acme.example")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    path = tmp_path / "company.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return load_company(path)


@pytest.fixture
def shelf(company: Company, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.delenv("CI", raising=False)
    return keeping.shelf_of(
        company, Environment(name="prod", folder=company.folder, target=Where.SERVER)
    )


def test_a_sandbox_keeps_its_secrets_with_itself(company: Company) -> None:
    sandbox = Environment(name="sandbox", folder=company.folder, target=Where.SANDBOX)
    admin = keeping.keep_admin(keeping.shelf_of(company, sandbox), "chatops")
    assert keeping.kept_admin(keeping.shelf_of(company, sandbox), company.folder) == admin
    assert {p.name for p in company.folder.iterdir()} == {"company.yaml", ".chatops"}
    assert (company.folder / ".chatops/.gitignore").read_text(encoding="utf-8") == "*\n"


def test_two_servers_of_the_command_line_are_two(company: Company, shelf: Shelf) -> None:
    one, two = (keeping.shelf_of(company, from_flags(url)) for url in ("http://a:1", "http://a:2"))
    keeping.keep_admin(one, "chatops")
    assert keeping.kept_admin(two, company.folder) is None
    assert keeping.kept_admin(one, company.folder) is not None


def test_an_admin_is_made_up_once_and_keeps_the_name(company: Company, shelf: Shelf) -> None:
    first = keeping.keep_admin(shelf, "chatops")
    assert keeping.keep_admin(shelf, "other") == first


def test_a_turned_password_signs_in_with_the_old_one_until_it_is_applied(
    company: Company, shelf: Shelf
) -> None:
    first = keeping.keep_admin(shelf, "chatops")
    with shelf.vault.change() as draft:
        draft.rotate("prod", keeping.FIRST_ADMIN)
    assert keeping.kept_admin(shelf, company.folder) == first
    shelf.applied(keeping.FIRST_ADMIN)
    now = keeping.kept_admin(shelf, company.folder)
    assert now is not None
    assert now.password != first.password


def test_the_admin_file_of_an_earlier_version_is_taken_over_once(
    company: Company, shelf: Shelf
) -> None:
    folder = company.folder / ".chatops" / "prod"
    folder.mkdir(parents=True)
    old = folder / "admin.json"
    old.write_text(json.dumps({"username": "boss", "password": "Old-password-1!"}))
    before = keeping.kept_admin(shelf, folder)
    said = keeping.take_over(shelf, folder)
    assert said == f"took the first admin over from {old} into {company.folder}/vault.yaml"
    assert not old.exists()
    assert keeping.kept_admin(shelf, folder) == before
    assert before is not None
    assert (before.username, before.password) == ("boss", Secret("Old-password-1!"))
    assert keeping.take_over(shelf, folder) == ""


def test_it_stays_where_the_vault_may_not_be_written(
    company: Company, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    folder = company.folder / ".chatops" / "prod"
    folder.mkdir(parents=True)
    (folder / "admin.json").write_text(json.dumps({"username": "boss", "password": "Old-pw-1!"}))
    assert keeping.take_over(shelf, folder) == ""
    assert keeping.kept_admin(shelf, folder) is not None


def test_an_admin_file_that_is_none_is_told(company: Company, shelf: Shelf) -> None:
    (company.folder / "admin.json").write_text(json.dumps({"username": "chatops"}))
    with pytest.raises(InstallError, match="does not hold a username and a password"):
        keeping.kept_admin(shelf, company.folder)


def rows(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {r["username"]: r["password"] for r in csv.DictReader(file)}


def test_first_passwords_are_in_the_vault_and_in_a_file_to_hand_over(
    company: Company, shelf: Shelf
) -> None:
    path = company.folder / ".chatops" / "prod" / "first-passwords.csv"
    made = first_passwords([ANN], shelf, path)
    assert shelf.find("first-password/ann") == made["ann"]
    assert rows(path) == {"ann": made["ann"].reveal()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # The run was cut off: the same person gets the same password, the next one another.
    ben = User(username="ben")
    again = first_passwords([ANN, ben], shelf, path)
    assert again["ann"] == made["ann"]
    assert again["ben"] != made["ann"]
    # Handed over and deleted: only who is new stands in the next one.
    path.unlink()
    first_passwords([ben], shelf, path)
    assert set(rows(path)) == {"ben"}


def test_first_passwords_of_an_earlier_version_stay_what_they_are(
    company: Company, shelf: Shelf
) -> None:
    path = company.folder / ".chatops" / "prod" / "first-passwords.csv"
    path.parent.mkdir(parents=True)
    path.write_text("username,email,password\nann,ann@acme.example,Old-password-1!\n")
    made = first_passwords([ANN, User(username="ben")], shelf, path)
    assert made["ann"] == Secret("Old-password-1!")
    entry = shelf.entry("first-password/ann")
    assert entry is not None
    assert (entry.value, entry.origin) == (Secret("Old-password-1!"), Origin.INVENTED)
    assert set(rows(path)) == {"ann", "ben"}
    # What was forgotten stays so, though the file still has it.
    with shelf.vault.change() as draft:
        draft.forget("prod", "first-password/ann")
    first_passwords([User(username="cai")], shelf, path)
    assert shelf.entry("first-password/ann") is None


def test_what_is_handed_over_is_of_accounts_that_are_there(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "first-passwords.csv"
    people = [ANN, User(username="ben", email="ben@acme.example"), User(username="cai")]
    made = first_passwords(people, shelf, path)
    settle(path, frozenset({"cai"}), {"ann": "anna"})
    rows = path.read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in rows] == ["username", "anna", "ben"]
    assert rows[1].endswith(made["ann"].reveal())
    # Whoever was not made gets the same one at the next try.
    assert first_passwords([User(username="cai")], shelf, path)["cai"] == made["cai"]


def test_a_strange_file_of_first_passwords_is_left_alone(company: Company, shelf: Shelf) -> None:
    path = company.folder / "first-passwords.csv"
    path.write_text("name,phone\nann,112\n")
    with pytest.raises(ChatopsError, match="is not a file of first passwords of ours"):
        first_passwords([ANN], shelf, path)
    assert not (company.folder / "vault.yaml").exists()
