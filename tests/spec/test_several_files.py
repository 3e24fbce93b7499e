"""One company in several files, and what an environment has otherwise."""

import os
import tempfile
from pathlib import Path

import pytest

from chatops.deploy.company import load_company, resolve_secrets
from chatops.environments import override_file
from chatops.errors import Place, SpecError, UsageError
from chatops.resources import Key, Kind, Setting
from chatops.secrets import Secret
from chatops.spec import Loaded, load
from tests.contract.pictures import png

HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"


def tree(folder: Path, files: dict[str, str]) -> Path:
    """Write the files, and return the first of them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def over(folder: Path, company: str, override: str) -> Loaded:
    path = tree(
        folder,
        {"company.yaml": HEAD + company, "inventories/staging/override.yaml": override},
    )
    return load(path, override_file("staging", path))


TEAMS = {
    "company.yaml": HEAD
    + "include: [teams/*.yaml, policy.yaml]\nteams:\n  - name: office\nusers:\n"
    "  - {username: ida, email: ida@acme.example, roles: [admin]}\n",
    "policy.yaml": "version: 1\npolicy: {min_admins: 1}\ncompany: {domain: acme.example}\n",
    "teams/b-sales.yaml": "teams:\n  - name: sales\n",
    "teams/a-ops.yaml": "# Operations.\nusers:\n  - from: ops.csv\nteams:\n  - name: ops\n"
    "    channels:\n      - {name: dispatch, members: [bo]}\n",
    "teams/ops.csv": "username,email\nbo,bo@acme.example\n",
}


def test_one_team_a_file(tmp_path: Path) -> None:
    path = tree(tmp_path, TEAMS)
    loaded = load(path)
    spec, places = loaded.spec, loaded.places
    assert [t.name for t in spec.teams] == ["office", "ops", "sales"]
    assert [u.username for u in spec.users] == ["ida", "bo"]
    assert (spec.company.name, spec.company.domain) == ("Acme", "acme.example")
    assert spec.policy.min_admins == 1
    assert [f.relative_to(tmp_path).as_posix() for f in loaded.files] == [
        "company.yaml",
        "teams/a-ops.yaml",
        "teams/b-sales.yaml",
        "policy.yaml",
    ]
    ops, people = str(tmp_path / "teams/a-ops.yaml"), str(tmp_path / "teams/ops.csv")
    assert places.place(("teams", 1, "channels", 0, "name")) == Place(ops, 7, 16)
    assert places.key_place(("teams", 1, "channels")) == Place(ops, 6, 5)
    assert places.place(("users", 1, "email")) == Place(people, 2, 4)
    assert places.key_place(("company", "domain")) == Place(str(tmp_path / "policy.yaml"), 3, 11)
    assert places.key_place(("company", "name")) == Place(str(path), 2, 11)
    assert places.key_place(("policy",)) == Place(str(tmp_path / "policy.yaml"), 2, 1)


def test_a_plan_names_the_included_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, TEAMS)
    monkeypatch.chdir(tmp_path / "teams")
    for path in (tmp_path / "company.yaml", Path("../company.yaml")):
        company = load_company(path)
        assert company.place(Key(Kind.CHANNEL, "ops/dispatch")) == "teams/a-ops.yaml:7"
        assert company.place(Key(Kind.USER, "bo")) == "teams/ops.csv:2"
        assert company.place(Key(Kind.USER, "ida")) == "company.yaml:8"


def test_included_files_include_from_where_they_are(tmp_path: Path) -> None:
    path = tree(
        tmp_path,
        {
            "company.yaml": HEAD + "include: [a/all.yaml]\n",
            "a/all.yaml": "include: [b/*.yaml, ../c.yaml]\n",
            "a/b/one.yaml": "teams: [{name: one}]\n",
            "c.yaml": "teams: [{name: two}]\n",
        },
    )
    assert [t.name for t in load(path).spec.teams] == ["one", "two"]


def test_an_anchor_is_not_changed_by_what_comes_behind_it(tmp_path: Path) -> None:
    path = tree(
        tmp_path,
        {
            "company.yaml": HEAD
            + "include: [more.yaml]\nteams:\n  - {name: a, members: &m [everyone]}\n"
            "ignore: *m\n",
            "more.yaml": "ignore: [channel:*/tmp]\n",
        },
    )
    spec = load(path).spec
    assert spec.ignore == ["everyone", "channel:*/tmp"]
    assert spec.teams[0].members == ["everyone"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("teams: [{name: x}]\n")
    path = tree(tmp_path / "firm", {"company.yaml": HEAD + "include: [t.yaml]\n"})
    (tmp_path / "firm/t.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(SpecError) as error:
        load(path)
    assert [f.rule for f in error.value.findings] == ["include-outside"]


BASE = (
    "smtp: {host: mail.acme.example, port: 587}\n"
    "sign_in: {email_domains: [acme.example, acme.test]}\n"
    "users:\n"
    "  - {username: ida, name: Ida, email: ida@acme.example, roles: [admin]}\n"
    "  - {username: bo, email: bo@acme.example}\n"
    "teams:\n"
    "  - name: ops\n"
    "    channels: [{name: dispatch, topic: On duty}, {name: wages, private: true}]\n"
    "  - name: sales\n"
)


def test_blocks_are_merged_and_values_replaced(tmp_path: Path) -> None:
    loaded = over(
        tmp_path,
        BASE,
        "chat:\n  url: https://staging.acme.example\n"
        "smtp: {host: localhost}\n"
        "sign_in: {email_domains: [acme.test]}\n"
        "policy: {unsupported: note}\n",
    )
    spec = loaded.spec
    assert (spec.chat.platform, spec.chat.url) == ("mattermost", "https://staging.acme.example")
    assert spec.smtp is not None
    assert (spec.smtp.host, spec.smtp.port) == ("localhost", 587)
    assert spec.sign_in.email_domains == ["acme.test"]
    where = str(tmp_path / "inventories/staging/override.yaml")
    assert loaded.places.place(("chat", "url")) == Place(where, 2, 8)
    assert loaded.places.key_place(("chat", "url")) == Place(where, 2, 3)
    assert loaded.places.place(("smtp", "port")).file == str(tmp_path / "company.yaml")
    assert str(loaded.files[-1]) == where


def test_things_are_patched_by_their_names(tmp_path: Path) -> None:
    spec = over(
        tmp_path,
        BASE,
        "users:\n"
        "  bo: null\n"
        "  ida: {title: Tester, name: null}\n"
        "  tester: {username: tester, email: t@acme.example}\n"
        "teams:\n"
        "  sales: ~\n"
        "  ops: {visibility: open, channels: {dispatch: {topic: Staging}, wages: null}}\n",
    ).spec
    assert [(u.username, u.name, u.title, u.roles) for u in spec.users] == [
        ("ida", None, "Tester", ["admin"]),
        ("tester", None, None, None),
    ]
    assert [t.name for t in spec.teams] == ["ops"]
    assert spec.teams[0].visibility == "open"
    assert [(c.name, c.topic) for c in spec.teams[0].channels] == [("dispatch", "Staging")]


def test_a_list_replaces_a_list(tmp_path: Path) -> None:
    (tmp_path / "inventories/staging").mkdir(parents=True)
    (tmp_path / "inventories/staging/few.csv").write_text("username,email\nt,t@acme.example\n")
    spec = over(tmp_path, BASE, "users: [{from: few.csv}]\nteams: []\n").spec
    assert [u.username for u in spec.users] == ["t"]
    assert spec.teams == []


def test_people_of_a_csv_are_patched_too(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("username,email\nbo,bo@acme.example\nmia,\n")
    loaded = over(tmp_path, "users: [{from: people.csv}]\n", "users: {mia: {active: false}}\n")
    assert [(u.username, u.active) for u in loaded.spec.users] == [("bo", None), ("mia", False)]
    assert loaded.places.place(("users", 1, "active")).file.endswith("override.yaml")
    assert loaded.places.place(("users", 1, "username")).file.endswith("people.csv")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_override_of_nothing(tmp_path: Path, text: str) -> None:
    assert over(tmp_path, BASE, text).spec.smtp is not None


@pytest.mark.parametrize("name", ["override.yml", "overrides.yaml"])
def test_a_name_that_is_nearly_right(tmp_path: Path, name: str) -> None:
    path = tree(tmp_path, {"company.yaml": HEAD, f"inventories/prod/{name}": "x: 1\n"})
    with pytest.raises(UsageError) as error:
        override_file("prod", path)
    assert error.value.message.endswith(f"prod/{name} is not read: it is called override.yaml")
    assert override_file("staging", path) is None


def test_a_folder_that_cannot_be_read_is_no_empty_one() -> None:
    """Whoever takes what is missing for gone would archive the teams in it."""
    me = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = tree(
            folder, {"company.yaml": HEAD + "include: [teams/*.yaml]\n", "teams/a.yaml": ""}
        )
        (folder / "teams").chmod(0)
        if me == 0:
            os.seteuid(65534)  # root reads everything, nobody does not
        try:
            with pytest.raises(SpecError) as error:
                load(path)
        finally:
            os.seteuid(me)
            (folder / "teams").chmod(0o755)
    assert f"{folder}/teams cannot be read" in error.value.findings[0].message


def test_names_of_files_start_from_the_file_that_names_them(tmp_path: Path) -> None:
    files = {
        "company.yaml": HEAD + "include: [mail/smtp.yaml]\n"
        "users:\n  - {username: ida, email: ida@acme.example}\n",
        "mail/smtp.yaml": "smtp: {host: mail.acme.example, password: file:smtp.txt}\n"
        "integrations: {emoji: [{name: party, file: party.png}]}\n",
        "inventories/staging/override.yaml": "smtp: {password: file:smtp.txt}\n",
        "mail/smtp.txt": "from-the-mail-folder\n",
        "inventories/staging/smtp.txt": "from-the-staging-folder\n",
    }
    path = tree(tmp_path, files)
    (tmp_path / "mail/party.png").write_bytes(png(8, 8, (1, 2, 3)))
    for env, wanted in (("", "from-the-mail-folder"), ("staging", "from-the-staging-folder")):
        company = resolve_secrets(load_company(path, env=env))
        values = {str(r.key): r.value for r in company.desired.resources if isinstance(r, Setting)}
        assert values["setting:smtp.password"] == Secret(wanted)
    (tmp_path / "mail/smtp.txt").unlink()
    with pytest.raises(SpecError) as caught:
        resolve_secrets(load_company(path))
    assert f"secret file {tmp_path / 'mail/smtp.txt'}: " in caught.value.findings[0].message
