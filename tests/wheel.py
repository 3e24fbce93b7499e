"""chatops as it is installed: its wheel, and virtual environments that borrow the rest."""

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def build(folder: Path) -> Path:
    """The wheel, made from a copy of the checkout."""
    source = folder / "source"
    keep = ("chatops", "playbooks", "templates", "inventories", "pyproject.toml", "README.md")
    for name in keep:
        path = CHECKOUT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    # Where hatchling is at hand pip need not fetch it.
    at_hand = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    subprocess.run(
        [*PIP, "wheel", "--no-deps", *at_hand, "--wheel-dir", folder, source], check=True
    )
    (wheel,) = folder.glob("chatops-*.whl")
    return wheel


def lend(fresh: Path) -> None:
    """Let a virtual environment use the packages of the one that runs the tests."""
    (site,) = (fresh / "lib").glob("python*/site-packages")
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "lent.pth").write_text("\n".join(sorted(lent)) + "\n")
