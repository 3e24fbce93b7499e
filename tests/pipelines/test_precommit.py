"""The hooks, by the real pre-commit, in a repository of a company."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.pipelines.conftest import COMPANY, Repository

CONFIG = """\
repos:
  - repo: {hooks}
    rev: {rev}
    hooks:
      - id: chatops-validate
      - id: chatops-fmt
"""


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
