"""What git knows of the vault: the sides of an unsolved merge, and what it must never know."""

import subprocess
from pathlib import Path
from typing import Final

from chatops import children
from chatops.vault.trouble import VaultError

__all__ = ["is_tracked", "stages"]

_OF_GIT: Final = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CEILING_DIRECTORIES"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "XDG_CONFIG_HOME"),
)
"""Where git finds its repository and its own settings."""


def stages(path: Path) -> tuple[bytes, bytes, bytes]:
    """A file as git has it while a merge is unsolved: before, ours, theirs. Raises VaultError."""
    sides = []
    for number in (1, 2, 3):
        code, text = _git(path.parent, "show", f":{number}:./{path.name}")
        # Where both sides made the file anew there is none before.
        if code != 0 and number != 1:
            raise VaultError(
                f"git knows of no unsolved merge of {path}",
                hint="`git status` tells; an older file is got back by `git checkout HEAD -- FILE`",
            )
        sides.append(text if code == 0 else b"")
    before, ours, theirs = sides
    return before, ours, theirs


def is_tracked(path: Path) -> bool:
    """Whether a file is in git, so that everybody has it who has the repository."""
    if not path.parent.is_dir():
        return False
    try:
        return _git(path.parent, "ls-files", "--error-unmatch", path.name)[0] == 0
    except VaultError:
        return False


def _git(folder: Path, *words: str) -> tuple[int, bytes]:
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=children.environment(*_OF_GIT),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise VaultError(f"cannot ask git: {error.strerror}") from error
    return done.returncode, done.stdout
