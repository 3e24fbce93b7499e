import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import chatops
from tests import wheel

CHECKOUT = wheel.CHECKOUT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with chatops from its wheel, far from the checkout.

    The other packages are lent by the environment that runs the tests: the network is not needed.
    """
    folder = tmp_path_factory.mktemp("wheel")
    built = wheel.build(folder)
    fresh = folder / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", fresh], check=True)
    python = fresh / "bin" / "python"
    subprocess.run(
        [*wheel.PIP, "--python", python, "install", "--no-deps", "--no-index", built], check=True
    )
    wheel.lend(fresh)
    return fresh


@pytest.fixture
def company(tmp_path: Path, installed: Path) -> Iterator[Path]:
    folder = tmp_path / "nordlys"
    example = CHECKOUT / "examples" / "nordlys"
    folder.mkdir()
    for name in ("company.yaml", "people.csv"):
        shutil.copy(example / name, folder)
    yield folder
    run(installed, folder, "sandbox", "stop")


def run(venv: Path, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [venv / "bin" / "chatops", *words],
        cwd=folder,
        # No virtual environment is on this PATH.
        env={"PATH": os.defpath, "HOME": str(folder.parent), "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_wheel_is_whole_and_reports_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"chatops {chatops.__version__}\n")
    (package,) = (installed / "lib").glob("python*/site-packages/chatops")
    for name in ("playbooks", "templates", "inventories"):
        data = package / "_data" / name
        want = {p.relative_to(CHECKOUT / name) for p in files(CHECKOUT / name)}
        assert {p.relative_to(data) for p in files(data)} == want
    assert not list(package.rglob("company.yaml"))


def test_what_was_installed_deploys_a_company_and_then_has_nothing_to_do(
    installed: Path, company: Path
) -> None:
    (package,) = (installed / "lib").glob("python*/site-packages/chatops")
    before = files(package)
    first = run(installed, company, "deploy", "--yes")
    assert first.returncode == 0, first.stdout + first.stderr
    status = run(installed, company, "sandbox", "status")
    url = status.stdout.split()[-1]
    assert url.startswith("http://127.0.0.1:")
    assert first.stdout.rstrip().endswith(url)

    second = run(installed, company, "plan", "--expect-no-changes")
    assert second.returncode == 0, second.stdout + second.stderr
    assert files(package) == before, "nothing is written where the program lies"
    assert not (company.parent / ".ansible").exists()


def files(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}
