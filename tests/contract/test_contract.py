"""Apply, then plan again and demand nothing: every kind, on every platform."""

from collections.abc import Callable

import pytest

from chatops.core.diff import hold
from chatops.core.reading import observe
from chatops.resources import UNSET, Kind, Setting, field_names
from tests.contract.cases import CASES, OTHERWISE, SETTINGS, Case
from tests.contract.world import World, restore

HELD_FIELDS = {
    Kind.USER: ("name", "email", "active"),
    Kind.TEAM: ("open", "archived"),
    Kind.CHANNEL: ("topic", "purpose", "private", "archived"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name.replace(" ", "-"))
def test_case(shared: World, case: Case, record_property: Callable[[str, object], None]) -> None:
    record_property("kind", case.kind)
    record_property("platform", shared.platform.name)
    facts = shared.platform.facts(shared.connect().release)
    for feature in case.requires:
        cell = facts.cell(feature)
        if not cell.held:
            pytest.skip(f"{feature}: {cell.note}")
    for chapter in case.chapters:
        planned = shared.plan(chapter.text, only=chapter.only)
        assert bool(planned.plan.changes) is chapter.changes, planned.plan.view
        shown = shared.make(chapter.text, only=chapter.only)
        for word in chapter.words:
            assert word in shown, shown
        reads_back(shared, chapter.text)


def reads_back(world: World, text: str) -> None:
    """Every field that the file sets is shown by the server as it was set."""
    planned = world.plan(text)
    reading = observe(planned.company.desired, planned.company.facts, world.connect())
    for want in planned.company.desired.resources:
        held = hold(want, planned.company.facts)
        there = reading.observed.live.get(held.key.folded)
        if there is None or held.kind in (Kind.TEAM_MEMBERS, Kind.CHANNEL_MEMBERS):
            continue
        for name in field_names(held):
            if getattr(held, name) is not UNSET:
                assert getattr(there.resource, name) == getattr(held, name), (held.key, name)


@pytest.mark.parametrize("name,text,value", SETTINGS, ids=[s[0] for s in SETTINGS])
def test_setting(
    shared: World, name: str, text: str, value: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("kind", "setting")
    record_property("platform", shared.platform.name)
    server = shared.connect()
    cell = shared.platform.facts(server.release).cell(f"setting.{name}")
    if not cell.held:
        pytest.skip(f"setting.{name}: {cell.note}")
    quiet = "policy: {unsupported: note, unmanaged: ignore}\n"
    spec = (text % value) + "\n" + quiet
    handler = server.handlers[Kind.SETTING]
    planned = shared.plan(spec)
    before = {x.key: x for x in handler.read(None, planned.reading.ids)}
    key = Setting(name=name, value="").key
    if not any(c.key == key for c in planned.plan.changes):
        value = OTHERWISE[name]
        spec = (text % value) + "\n" + quiet
        planned = shared.plan(spec)
    if "value" in before[key].locked:
        pytest.skip(f"setting.{name}: locked on this server: {before[key].locked['value']}")
    try:
        assert any(c.key == key for c in planned.plan.changes)
        shared.make(spec)
    finally:
        restore(server, before)
