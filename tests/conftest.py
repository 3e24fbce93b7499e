import os
from collections.abc import Callable
from pathlib import Path

import pytest

TOLD = ("CHATOPS_LIVE_", "CHATOPS_E2E_", "CHATOPS_PROSODY_", "CHATOPS_VIDEO_")
"""Variables of ours that are for the tests themselves."""


def pytest_configure(config: pytest.Config) -> None:
    """Each test says itself where it runs: a pipeline of ours is none of theirs."""
    for name in list(os.environ):
        if name == "CI" or (name.startswith("CHATOPS_") and not name.startswith(TOLD)):
            del os.environ[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the texts that tests compare with"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a file, or writes the file under --update-golden."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no {path.name}: run pytest --update-golden and read what it wrote"
        assert text == path.read_text(encoding="utf-8")

    return compare
