"""Commands on the machine outside."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["CommandError", "docker", "run"]


class CommandError(Exception):
    """A command that failed, with what it said."""


def run(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seconds: float = 900,
) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(
        argv,
        input=stdin,
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-4000:]
        raise CommandError(f"{' '.join(argv)} ended with {done.returncode}:\n{said}")
    return done.stdout


def docker(*argv: str, stdin: str | None = None, seconds: float = 900) -> str:
    """The output of `docker …` on the engine outside."""
    return run(["docker", *argv], stdin=stdin, seconds=seconds).strip()
