"""What others publish (a schema, a language server), for our output to be held to."""

from pathlib import Path

import pytest

from tests.clients import install


@pytest.fixture(scope="session")
def modules() -> Path:
    if not install.runnable():
        pytest.skip("Node or npm is not installed")
    try:
        return install.installed(Path(__file__).parent)
    except install.UnreachableError as error:
        pytest.skip(f"npm does not reach its registry: {error}")
