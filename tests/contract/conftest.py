import os
from collections.abc import Iterator

import pytest

from chatops.platforms.registry import platforms
from tests.contract.world import World, restore, set_to, settings, world

TABLE: dict[tuple[str, str], dict[str, int]] = {}


@pytest.fixture(scope="session", params=sorted(platforms()))
def shared(request: pytest.FixtureRequest) -> Iterator[World]:
    """One server for the whole suite, as a real one would be."""
    with world(request.param) as made:
        server = made.connect()
        before = settings(server)
        for live in before.values():
            if live.resource.name == "sign_in.email_domains" and live.resource.value:
                set_to(server, live, ())
        try:
            yield made
        finally:
            made.clean()
            restore(server, before)


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Iterator[World]:
    """A sandbox of its own for a test that breaks things. Real servers are not broken."""
    name = request.param
    if os.environ.get(f"CHATOPS_LIVE_{name.upper()}"):
        pytest.skip("a real server's faults cannot be ordered")
    with world(name) as made:
        yield made


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Fill the table: kind × platform."""
    props = dict(report.user_properties)
    if "kind" in props and (report.when == "call" or report.skipped):
        cell = TABLE.setdefault((props["kind"], props["platform"]), {})
        word = "no" if report.skipped else report.outcome
        cell[word] = cell.get(word, 0) + 1
        if report.skipped and isinstance(report.longrepr, tuple):
            cell[f"no: {report.longrepr[2].removeprefix('Skipped: ')}"] = 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    if not TABLE:
        return
    terminalreporter.section("contract: kind × platform")
    for (kind, platform), cell in sorted(TABLE.items()):
        counts = ", ".join(f"{n} {word}" for word, n in sorted(cell.items()) if n)
        reasons = "; ".join(sorted(w[4:] for w in cell if w.startswith("no: ")))
        terminalreporter.write_line(f"{kind:<14} {platform:<12} {counts}  {reasons}".rstrip())
