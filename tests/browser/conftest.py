from collections.abc import Iterator

import pytest

from chatops.sandbox import Sandbox
from tests.browser import chromium
from tests.browser.company import set_up


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    executable = chromium.find()
    if executable is None:
        pytest.skip("Chromium is not installed")
    with chromium.running(executable, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def tab(browser: chromium.Browser) -> Iterator[chromium.Page]:
    """A fresh tab on a desk's screen."""
    page = browser.page()
    page.show(1280, 900)
    yield page
    page.close()


@pytest.fixture(scope="session", params=["mattermost", "rocketchat"])
def company(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with a small company in it, which tests only look at."""
    with Sandbox(request.param) as sandbox:
        set_up(sandbox)
        yield sandbox
