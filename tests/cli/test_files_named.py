"""Files that a company file, or a person, names: what they may be, and that they show nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import clean_env, run

HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"
CANARY = "sk-live-CANARY-4711"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A company's folder with a stranger's secrets beside it."""
    (tmp_path / "secrets.env").write_text(f"API_KEY={CANARY}\nDB_PASSWORD={CANARY}\n")
    (tmp_path / "company").mkdir()
    (tmp_path / "company" / "linked.csv").symlink_to(tmp_path / "secrets.env")
    (tmp_path / "company" / "linked").symlink_to(tmp_path)
    return tmp_path / "company"


@pytest.mark.parametrize(
    "name", ["{}/secrets.env", "../secrets.env", "linked.csv", "linked/secrets.env"]
)
@pytest.mark.parametrize(
    "text",
    [
        "users:\n  - from: {}\n",
        "users:\n  - {{username: ida, email: ida@acme.example, picture: {}}}\n",
        "integrations:\n  emoji:\n    - {{name: acme, file: {}}}\n",
    ],
    ids=["people", "picture", "emoji"],
)
def test_no_file_out_of_the_folder_is_shown(folder: Path, text: str, name: str) -> None:
    name = name.format(folder.parent)
    (folder / "company.yaml").write_text(HEAD + text.format(name))
    for words in (("validate",), ("validate", "--json")):
        done = run(folder, *words)
        said = done.out + done.err
        assert done.code == 3
        assert "CANARY" not in said
        assert "API_KEY" not in said
        assert "not a relative path" in said or "is not in the folder of the company file" in said


NOT_ORDINARY = [
    ("validate", "users:\n  - {username: ida, email: ida@acme.example, picture: FILE}\n"),
    ("validate", "integrations:\n  emoji:\n    - {name: acme, file: FILE}\n"),
    ("plan", "smtp: {host: mail.acme.example, username: chat, password: 'file:FILE'}\n"),
]


@pytest.mark.parametrize(("verb", "text"), NOT_ORDINARY, ids=["picture", "emoji", "secret"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, verb: str, text: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "company.yaml").write_text(HEAD + text.replace("FILE", "pipe"))
    done = run(tmp_path, verb)
    assert done.code == 3, done.err
    assert "pipe: it is not an ordinary file" in done.err


def test_a_device_and_a_giant_are_no_secrets(tmp_path: Path) -> None:
    secret = "smtp: {host: mail.acme.example, username: chat, password: 'file:%s'}\n"
    with (tmp_path / "giant").open("wb") as out:
        out.truncate(2**40)
    for name, why in (
        ("/dev/zero", "it is not an ordinary file"),
        ("giant", "it is larger than 1 MiB"),
    ):
        (tmp_path / "company.yaml").write_text(HEAD + secret % name)
        done = run(tmp_path, "plan")
        assert done.code == 3, done.err
        path = tmp_path / name
        assert f"smtp.password: cannot read the secret file {path}: {why}" in done.err
        assert "hint: name a file that holds the secret and no more" in done.err


def test_a_saved_plan_is_an_ordinary_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "giant").open("wb") as out:
        out.truncate(2**40)
    for name, why in (
        ("pipe", "it is not an ordinary file"),
        ("/dev/zero", "it is not an ordinary file"),
        ("giant", "it is larger than 64 MiB"),
        (".", "it is a folder"),
    ):
        for verb in ("show", "apply"):
            done = run(tmp_path, verb, name)
            assert done.code == 2
            assert done.err.startswith(f"error: cannot read the plan {name}: {why}\nhint: ")


def _tight(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command where no file can grow beyond 1 KiB, as on a disk that is full."""
    return subprocess.run(
        ["bash", "-c", 'ulimit -f 1; exec "$@"', "-", sys.executable, "-m", "chatops", *words],
        cwd=folder,
        env=clean_env() | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_full_disk_leaves_the_plan_from_before(tmp_path: Path) -> None:
    people = "users:\n  - {username: ida, email: ida@acme.example}\n"
    (tmp_path / "company.yaml").write_text(HEAD + people)
    assert run(tmp_path, "plan", "-o", "p.json").code == 0
    plan = tmp_path / "p.json"
    plan.chmod(0o640)
    before = plan.read_bytes()
    assert len(before) > 1024
    there = sorted(tmp_path.iterdir())
    (tmp_path / "company.yaml").write_text(HEAD + people.replace("ida", "kim"))
    for name in ("p.json", "new.json"):
        done = _tight(tmp_path, "plan", "-o", name)
        assert done.returncode == 2, done.stderr
        assert f"error: cannot write the plan to {name}: File too large" in done.stderr
        assert plan.read_bytes() == before
        assert sorted(tmp_path.iterdir()) == there
    assert run(tmp_path, "plan", "-o", "p.json").code == 0
    assert b"kim" in plan.read_bytes()
    assert plan.stat().st_mode & 0o777 == 0o640


def test_a_plan_goes_through_links_and_into_pipes(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(HEAD)
    (tmp_path / "plans").mkdir()
    (tmp_path / "p.json").symlink_to("plans/real.json")
    assert run(tmp_path, "plan", "-o", "p.json").code == 0
    assert (tmp_path / "p.json").is_symlink()
    assert run(tmp_path, "show", "plans/real.json").code == 0
    usual = tmp_path / "usual"
    usual.touch()
    assert (tmp_path / "plans" / "real.json").stat().st_mode == usual.stat().st_mode
    done = run(tmp_path, "plan", "-q", "-o", "/dev/stderr")
    assert '"format"' in done.err
