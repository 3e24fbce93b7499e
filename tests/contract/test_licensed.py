"""What a licence brings: the cases that the free edition refuses, on a sandbox that has one.

No licensed server could be had or was recorded; the sandbox follows the vendor's public source.
"""

import secrets
from collections.abc import Callable, Iterator

import pytest

from chatops.platforms.base import Can, Facts, Release
from chatops.platforms.registry import platforms
from tests.contract.cases import CASES, Case
from tests.contract.test_contract import tell
from tests.contract.world import World, world

LICENSED = {"rocketchat": ("enterprise", {"licence": "Enterprise"})}
"""For each platform whose sandbox can be licensed: the edition, and how."""


def _facts(name: str, edition: str) -> Facts:
    platform = platforms()[name]
    version = tuple(int(n) for n in platform.default_version.split("."))
    return platform.facts(Release(version, edition))


def _brought(name: str, case: Case) -> bool:
    """Whether it is the licence that makes the case possible."""
    free = _facts(name, platforms()[name].default_edition)
    paid = _facts(name, LICENSED[name][0])
    return any(free.cell(f).can is Can.PAID for f in case.requires) and all(
        paid.cell(f).held for f in case.requires
    )


BROUGHT = [(name, case) for name in LICENSED for case in CASES if _brought(name, case)]


@pytest.fixture(scope="module", params=sorted(LICENSED))
def licensed(request: pytest.FixtureRequest) -> Iterator[World]:
    edition, options = LICENSED[request.param]
    with world(request.param, **options) as made:
        assert made.connect().release.edition == edition
        yield made


def test_a_licence_brings_something() -> None:
    assert {name for name, _ in BROUGHT} == set(LICENSED)


@pytest.mark.parametrize(
    ("name", "case"), BROUGHT, ids=[f"{n}-{c.name.replace(' ', '-')}" for n, c in BROUGHT]
)
def test_case(
    licensed: World, name: str, case: Case, record_property: Callable[[str, object], None]
) -> None:
    if licensed.platform.name != name:
        pytest.skip("another platform's case")
    record_property("kind", case.kind)
    record_property("platform", f"{name}, licensed")
    licensed.tags.append(secrets.token_hex(3))
    tell(licensed, case)
