"""What others publish on npm, installed once for each lock file, outside of the checkout."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 300

# What npm says when it does not reach the registry, as on a train.
OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "ENOTCACHED")


class UnreachableError(Exception):
    """npm cannot fetch what the lock file names, and has not got it from an earlier run."""


def runnable() -> bool:
    """Whether this machine has what the clients need."""
    return all(shutil.which(name) for name in ("node", "npm"))


def installed(here: Path = HERE) -> Path:
    """The folder of modules; installs them at the first call for a lock file."""
    lock = (here / "package-lock.json").read_bytes()
    name = hashlib.sha256(lock + (here / "package.json").read_bytes()).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chatops-tests"
    done = base / f"{here.name}-{name}"
    if not done.exists():
        base.mkdir(parents=True, exist_ok=True)
        # Made aside and then moved, so that a run which was cut short leaves nothing half there.
        with tempfile.TemporaryDirectory(dir=base) as aside:
            folder = Path(aside) / here.name
            folder.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(here / file, folder)
            if (here / "typings").is_dir():
                shutil.copytree(here / "typings", folder / "typings")
            _install(folder)
            try:
                folder.rename(done)
            except OSError:
                # Another run was faster.
                if not done.exists():
                    raise
    return done / "node_modules"


def _install(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if run.returncode:
        if any(word in run.stderr for word in OFFLINE):
            raise UnreachableError(run.stderr.strip().splitlines()[-1])
        raise AssertionError(f"{' '.join(command)} failed:\n{run.stdout}{run.stderr}")
