"""The machines, the registry and the images, shared by every test here."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.lab.engine import engine, lacking
from tests.e2e.lab.images import FOLDERS, Registry, kind, registry
from tests.e2e.lab.machines import Lab, lab
from tests.e2e.place import lock_text

HERE = Path(__file__).parent


def pytest_itemcollected(item: pytest.Item) -> None:
    """Left out of every run that does not ask for them."""
    item.add_marker("e2e")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file here is a story: its tests stand in the order in which they are told."""
    ours = [i for i, item in enumerate(items) if HERE in item.path.parents]
    told = sorted((items[i] for i in ours), key=lambda item: (str(item.path), item.reportinfo()[1]))
    for index, item in zip(ours, told, strict=True):
        items[index] = item


def pytest_report_header() -> list[str]:
    """What of the images is real is said before anything else."""
    listed = [f"{key} is {kind(key)}" for key in FOLDERS]
    return [f"e2e images: {', '.join(listed)}"]


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab with no machine in it yet."""
    if why := lacking():
        pytest.fail(why)
    folder = tmp_path_factory.mktemp("lab")
    with ExitStack() as stack:
        stack.enter_context(engine(folder / "dockerd.log"))
        yield stack.enter_context(lab(folder))


@pytest.fixture(scope="session")
def images(machines: Lab) -> Iterator[Registry]:
    """A registry that every image is in."""
    with registry(machines.folder) as found:
        yield found


@pytest.fixture(scope="session")
def lock(images: Registry) -> str:
    """A lock file with the digests of what is in the registry."""
    return lock_text(images)
