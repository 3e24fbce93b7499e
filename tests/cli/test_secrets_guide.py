"""docs/guides/secrets.md, command by command, as somebody who follows it."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import clean_env, run

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "guides" / "secrets.md").read_text(encoding="utf-8")
VALUE = "canary-smtp-93a1"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.M | re.S)


def commands(title: str) -> list[str]:
    """The command lines under a heading."""
    _, found, rest = TEXT.partition(f"\n## {title}\n")
    assert found, title
    block = re.findall(r"^```console\n(.*?)^```", rest.partition("\n## ")[0], re.M | re.S)
    return [x.removeprefix("$ ") for b in block for x in b.splitlines()]


def follow(folder: Path, line: str, feed: str = "") -> str:
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    git = {
        f"GIT_{w}_{k}": "a@b.example" for w in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env={**clean_env(), **git, "PATH": tools},
        input=feed,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert "canary" not in done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    text = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n" + blocks("yaml")[0]
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    place = tmp_path / "inventories" / "production"
    place.mkdir(parents=True)
    (place / "environment.yaml").write_text("target: server\nurl: https://chat.example.com\n")
    follow(tmp_path, "git init -q -b main && git add -A && git commit -qm one")
    yield tmp_path
    run(tmp_path, "sandbox", "stop")


def test_it_is_followed(folder: Path) -> None:
    for line in commands("Put one in"):
        out = follow(folder, line, VALUE if " set " in line else "")
    assert "smtp-password  every environment" in out
    assert "smtp-password  production" in out
    follow(folder, "chatops deploy --yes")
    first, second = commands("When one changes")
    follow(folder, first)
    assert "no changes" in follow(folder, f"{second.partition('#')[0]} --yes")
    for line in (*commands("In a pipeline"), *commands("First passwords")):
        follow(folder, line)
    assert "first-password" not in follow(folder, "chatops secret list")


def test_a_merge_is_followed(folder: Path) -> None:
    follow(folder, "chatops secret set one", VALUE)
    follow(folder, "git add -A && git commit -qm two && git checkout -qb other")
    follow(folder, "chatops secret set two", VALUE)
    follow(folder, "git commit -qam three && git checkout -q main")
    follow(folder, "chatops secret set three", VALUE)
    follow(folder, "git commit -qam four")
    by_hand, add, attributes, driver = commands("When git cannot merge it")
    follow(folder, "! git merge -q other")
    follow(folder, by_hand)
    follow(folder, add)
    listed = follow(folder, "chatops secret list")
    assert [x.split()[0] for x in listed.splitlines()] == ["one", "three", "two"]
    follow(folder, "git reset -q --hard main")
    follow(folder, attributes)
    follow(folder, driver)
    follow(folder, "git merge -q --no-edit other")
    assert follow(folder, "chatops secret list") == listed


def test_what_it_names_is_there() -> None:
    from chatops.vault import password, store

    for name in (password.VARIABLE, password.VARIABLE_FILE, store.WRITE_VARIABLE):
        assert f"`{name}" in TEXT
    assert f"`.chatops/{password.FILE}`" in TEXT
    for line in (x for block in blocks("console") for x in block.splitlines()):
        assert line.startswith("$ "), line
        assert shlex.split(line[2:], comments=True)
