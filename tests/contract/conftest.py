import os
import secrets
from collections.abc import Iterable, Iterator

import pytest

from chatops.platforms.registry import platforms
from tests.contract.cases.story import QUIET
from tests.contract.world import World, restore, restore_roles, roles, set_to, settings, world

TABLE: dict[tuple[str, str], dict[str, int]] = {}


@pytest.fixture
def shared(server: World) -> World:
    """The one server, with names for this test alone."""
    server.tags.append(secrets.token_hex(3))
    return server


@pytest.fixture(scope="session", params=sorted(platforms()))
def server(request: pytest.FixtureRequest) -> Iterator[World]:
    """One server for the whole suite, as a real one would be."""
    with world(request.param) as made:
        connected = made.connect()
        before, permitted = settings(connected), roles(connected)
        for live in before.values():
            if live.resource.name == "sign_in.email_domains" and live.resource.value:
                set_to(connected, live, ())
        # What every chapter says of the company is no change of any.
        made.make(QUIET)
        try:
            yield made
        finally:
            made.clean()
            restore(made.connect(), before)
            restore_roles(made.connect(), permitted)


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
    if "kind" in props and report.when == "call":
        cell = TABLE.setdefault((str(props["kind"]), str(props["platform"])), {})
        word = "no" if "no" in props and report.passed else report.outcome
        cell[word] = cell.get(word, 0) + 1
        if "no" in props:
            cell[f"no: {props['no']}"] = 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it."""
    if not TABLE:
        return
    terminalreporter.section("contract: kind × platform")
    for (kind, platform), cell in sorted(TABLE.items()):
        counts = ", ".join(f"{n} {word}" for word, n in sorted(cell.items()) if n)
        reasons = "; ".join(_grouped(w[4:] for w in cell if w.startswith("no: ")))
        terminalreporter.write_line(
            f"{kind:<14} {platform:<12} {counts.replace('passed', 'yes')}  {reasons}".rstrip()
        )


def _grouped(reasons: Iterable[str]) -> list[str]:
    """One reason for many features is said once."""
    found: dict[str, list[str]] = {}
    for reason in sorted(reasons):
        feature, _, note = reason.partition(": ")
        found.setdefault(note, []).append(feature)
    return [
        f"{', '.join(some) if len(some) < 4 else f'{some[0]} and {len(some) - 1} more'}: {note}"
        for note, some in found.items()
    ]
