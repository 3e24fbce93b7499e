"""The engine outside, which the machines are containers of: one that runs, or one of our own."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.lab.shell import CommandError, docker

__all__ = ["engine", "lacking"]

PROGRAMS = ("docker", "dockerd", "debootstrap", "docker-registry", "ssh", "ssh-keygen", "unshare")


def lacking() -> str:
    """Why no machines can be made here; empty if they can."""
    if os.geteuid() != 0:
        return "machines are made by root"
    found = {
        folder / name for folder in _folders() for name in PROGRAMS if (folder / name).exists()
    }
    missing = sorted(set(PROGRAMS) - {path.name for path in found})
    if missing:
        packages = "docker.io debootstrap docker-registry openssh-client util-linux"
        return f"not there: {', '.join(missing)} (apt install {packages})"
    return ""


@contextlib.contextmanager
def engine(log: Path) -> Iterator[None]:
    """An engine that answers, as long as this lasts. One that ran before is left running."""
    if _answers():
        yield
        return
    with log.open("w") as out:
        started = subprocess.Popen(
            ["dockerd", "--storage-driver=overlay2"],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + 60
        while not _answers():
            if started.poll() is not None or time.monotonic() > until:
                raise CommandError(f"dockerd did not come up:\n{log.read_text()[-4000:]}")
            time.sleep(0.3)
        yield
    finally:
        started.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(30)
        started.kill()


def _answers() -> bool:
    try:
        docker("info", "--format", "{{.ServerVersion}}", seconds=20)
    except (CommandError, subprocess.TimeoutExpired):
        return False
    return True


def _folders() -> list[Path]:
    return [Path(p) for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p]
