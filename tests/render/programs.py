"""The programs that our files configure, where this machine has them. CI has them all."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

CACHE = Path.home() / ".cache" / "chatops-tools"
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def program(name: str) -> str:
    """Its path; the test is skipped where there is none."""
    places = [CACHE / name, *(folder / name for folder in POSTGRES)]
    found = next((str(p) for p in places if os.access(p, os.X_OK)), None)
    found = found or shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"no {name} on this machine")
    return found


def compose() -> list[str]:
    """Docker Compose v2, as a command."""
    asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if shutil.which("docker") and asked.returncode == 0:
        return ["docker", "compose"]
    return [program("docker-compose")]


def run(*command: str, folder: Path | None = None, text: str | None = None) -> str:
    """What it says; fails with that if it says no."""
    done = subprocess.run(
        command, cwd=folder, input=text, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def as_root(command: Sequence[str]) -> list[str]:
    """A command with the rights of root, if only in a namespace of its own."""
    return [*command] if os.geteuid() == 0 else ["unshare", "-rn", *command]
