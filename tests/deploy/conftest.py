from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.sandbox import process


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The state folder of a Mattermost sandbox, which has stopped when the test is over."""
    folder = tmp_path / ".chatops" / "sandbox" / "mattermost"
    yield folder
    process.stop("mattermost", folder)
