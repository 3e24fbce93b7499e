"""The hooks, by the real pre-commit, in a repository of a company."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import wheel
from tests.cli.conftest import clean_env
from tests.pipelines.conftest import COMPANY, Repository

CONFIG = """\
repos:
  - repo: {hooks}
    rev: {rev}
    hooks:
      - id: chatops-validate
      - id: chatops-fmt
"""


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This checkout as a repository of hooks, and its commit."""
    made = Repository(tmp_path_factory.mktemp("hooks") / "chatops")
    names = ("chatops", "playbooks", "templates", "inventories")
    for name in names:
        shutil.copytree(
            wheel.CHECKOUT / name,
            made.folder / name,
            ignore=shutil.ignore_patterns("__pycache__", ".chatops"),
        )
    for name in ("pyproject.toml", "README.md", ".pre-commit-hooks.yaml"):
        shutil.copy(wheel.CHECKOUT / name, made.folder)
    return made.folder, made.commit("The hooks")


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """pre-commit installs the hooks for real; the packages that they need are lent."""
    return {
        **clean_env(),
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@acme.example",
        "GIT_COMMITTER_NAME": "Ann",
        "GIT_COMMITTER_EMAIL": "ann@acme.example",
    }


def test_a_commit_is_held_back_until_the_file_is_sound_and_tidy(
    hooks: tuple[Path, str], environ: Mapping[str, str], tmp_path: Path
) -> None:
    company = Repository(tmp_path / "company")
    path = company.folder / "company.yaml"

    def do(*words: str) -> tuple[int, str]:
        company.git("add", "--all")
        done = subprocess.run(
            words, cwd=company.folder, env=environ, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    config = CONFIG.format(hooks=hooks[0], rev=hooks[1])
    (company.folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    text = COMPANY % "mattermost"
    path.write_text(text.replace("[ann, ben]", "[ann, bne]"), encoding="utf-8")
    assert do("pre-commit", "install")[0] == 0
    code, told = do("git", "commit", "--message", "wrong")
    assert code == 1, told
    assert "no user or group named `bne`" in told and "company.yaml:16:" in told
    assert "chatops validate" in told and "exit code: 3" in told

    # Untidy: the hook brings it into form, and says that it did.
    path.write_text(text.replace("version: 1\n", "version: 1   \n"), encoding="utf-8")
    code, told = do("git", "commit", "--message", "untidy")
    assert code == 1, told
    assert "files were modified by this hook" in told
    assert path.read_text(encoding="utf-8") == text
    code, told = do("git", "commit", "--message", "sound")
    assert code == 0, told
    assert told.count("Passed") == 2

    # What has nothing to do with the company is nobody's business.
    (company.folder / "notes.md").write_text("x", encoding="utf-8")
    code, told = do("git", "commit", "--message", "notes")
    assert code == 0
    assert told.count("Skipped") == 2
