"""`chatops fmt` on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.cli.test_several_files import company

HEAD = "version: 1\ncompany: {name: Acme}   # the firm\nchat: {platform: mattermost}\n"
MESSY = HEAD + "teams:\n- name: a\n"
TIDY = HEAD + "teams:\n  - name: a\n"


def test_everything_that_belongs_to_the_company(tmp_path: Path) -> None:
    folder = company(tmp_path)
    (folder / "teams/crew.yaml").write_text("teams:\n- name: crew\n")
    (folder / "inventories/staging/override.yaml").write_text("\nsmtp: {host: x}\n\n\n")
    done = run(folder, "fmt", "--check")
    assert (done.code, done.out) == (4, "teams/crew.yaml\ninventories/staging/override.yaml\n")
    assert done.err.startswith(
        "error: 2 of 3 files are not tidy\nhint: `chatops fmt` makes them so"
    )
    done = run(folder, "fmt", "--diff")
    assert done.code == 0
    assert "\n-- name: crew\n+  - name: crew\n" in done.out
    assert (folder / "teams/crew.yaml").read_text() == "teams:\n- name: crew\n"
    done = run(folder, "fmt")
    assert (done.code, done.out) == (0, "teams/crew.yaml\ninventories/staging/override.yaml\n")
    assert done.err == "3 files, 2 changed\n"
    assert (folder / "teams/crew.yaml").read_text() == "teams:\n  - name: crew\n"
    for words in ([], ["--check"], ["--diff"], ["--check", "--diff"]):
        done = run(folder, "fmt", *words)
        assert (done.code, done.out) == (0, "")


def test_one_file_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(MESSY)
    real.chmod(0o640)
    (tmp_path / "company.yaml").symlink_to("real.yaml")
    body = json.loads(run(tmp_path, "fmt", "company.yaml", "--json").out)
    assert body == {"files": ["company.yaml"], "changed": ["company.yaml"]}
    assert real.read_text() == TIDY
    assert (tmp_path / "company.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["company.yaml", "real.yaml"]


def test_files_with_errors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "company.yaml"
    for text, said in (
        (MESSY + "  teem: 1\n", "company.yaml:6:3  error    teams[0].teem: unknown key"),
        (MESSY + "teams: []\n", "company.yaml:6:1  error    the key `teams` is there twice"),
        ("a: [\n", "company.yaml:1:4  error    not YAML: a [ that is not closed"),
    ):
        path.write_text(text)
        done = run(tmp_path, "fmt")
        assert done.code == 3
        assert said in done.err
        assert path.read_text() == text
    assert run(tmp_path, "fmt", "nothing.yaml").code == 2


def test_line_ends_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "company.yaml"
    path.write_bytes(("\ufeff" + TIDY).replace("\n", "\r\n").encode())
    assert run(tmp_path, "fmt", "--check").code == 4
    assert run(tmp_path, "fmt").code == 0
    assert path.read_bytes() == TIDY.encode()


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("people.csv", "username,name\nbo,Bo\n", "a CSV file"),
        ("PEOPLE.CSV", "username\n", "a CSV file"),
        ("people", "username;name\nbo;Bo\n", "text without keys"),
        ("company.schema.json", '{"a":  1}\n', "JSON"),
    ],
)
def test_what_is_no_yaml_stays_as_it_is(name: str, text: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(MESSY)
    (tmp_path / name).write_text(text)
    done = run(tmp_path, "fmt", "company.yaml", name)
    assert (done.code, done.out) == (2, "")
    assert f"{name} is {what}, and fmt brings YAML into form: nothing was changed" in done.err
    assert (tmp_path / name).read_text() == text
    assert (tmp_path / "company.yaml").read_text() == MESSY


def test_a_file_with_nothing_but_remarks_is_tidied(tmp_path: Path) -> None:
    (tmp_path / "override.yaml").write_text("# nothing yet\n\n\n")
    assert run(tmp_path, "fmt", "override.yaml").code == 0
    assert (tmp_path / "override.yaml").read_text() == "# nothing yet\n"
