"""Apply, then plan again and demand nothing: every kind, on every platform."""

from collections.abc import Callable, Sequence

import pytest

from chatops.core.aims import aim
from chatops.core.holding import hold
from chatops.core.reading import observe
from chatops.deploy.company import load_company
from chatops.errors import Finding, Severity, SpecError
from chatops.resources import UNKNOWN, UNSET, Kind, Picture, Setting, field_names
from chatops.secrets import Secret
from tests.contract.cases import CASES, OTHERWISE, SETTINGS, Case
from tests.contract.world import World, restore


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name.replace(" ", "-"))
def test_case(shared: World, case: Case, record_property: Callable[[str, object], None]) -> None:
    record_property("kind", case.kind)
    record_property("platform", shared.platform.name)
    facts = shared.platform.facts(shared.connect().release)
    for feature in case.requires:
        cell = facts.cell(feature)
        if not cell.held:
            record_property("no", f"{feature}: {cell.note}")
            said_no(shared, [c.text for c in reversed(case.chapters)], cell.note)
            return
    tell(shared, case)


def tell(world: World, case: Case) -> None:
    """The chapters of a case, one after the other."""
    for chapter in case.chapters:
        planned = world.plan(chapter.text, only=chapter.only)
        if chapter.changes is not None:
            assert bool(planned.plan.changes) is chapter.changes, planned.plan.view
        shown = world.make(chapter.text, only=chapter.only)
        for word in chapter.words:
            assert word in shown, shown
        reads_back(world, chapter.text)


def said_no(world: World, texts: Sequence[str], note: str) -> None:
    """What the platform lacks is refused at its line, in words that say what happens instead."""
    said: list[Finding] = []
    for text in texts:
        path = world.write(text.replace("unsupported: note", "unsupported: refuse"))
        try:
            findings = load_company(path, release=world.connect().release).findings
        except SpecError as error:
            findings = error.findings
        said = [f for f in findings if f.rule == "unsupported"]
        if said:
            break
    assert note
    assert any(f.message.startswith(note) for f in said), said
    # What must be there already is told; all else is refused, with what to do.
    assert all(f.place.line > 1 and (f.hint or f.severity is Severity.NOTE) for f in said)


def reads_back(world: World, text: str) -> None:
    """Every field that the file sets is shown by the server as it was set."""
    planned = world.plan(text)
    desired = planned.company.desired
    reading = observe(desired, planned.company.facts, world.connect())
    for want in desired.resources:
        held = hold(want, planned.company.facts)
        there = reading.observed.live.get(held.key.folded) if held is not None else None
        if there is None or held.kind in (Kind.TEAM_MEMBERS, Kind.CHANNEL_MEMBERS):
            continue
        held = aim(held, there.resource, own_roles=desired.own_roles)
        for name in field_names(held):
            wanted, shown = getattr(held, name), getattr(there.resource, name)
            if isinstance(wanted, Secret | Picture):
                assert shown in (UNKNOWN, wanted), (held.key, name)
            elif wanted is not UNSET:
                assert shown == wanted, (held.key, name)


@pytest.mark.parametrize("name,text,value", SETTINGS, ids=[s[0] for s in SETTINGS])
def test_setting(
    shared: World, name: str, text: str, value: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("kind", "setting")
    record_property("platform", shared.platform.name)
    server = shared.connect()
    cell = shared.platform.facts(server.release).cell(f"setting.{name}")
    if not cell.held:
        record_property("no", f"setting.{name}: {cell.note}")
        said_no(shared, [(text % value) + "\npolicy: {unsupported: note}\n"], cell.note)
        return
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


def test_each_kind_has_a_handler(shared: World) -> None:
    facts = shared.platform.facts(shared.connect().release)
    missing = set(Kind) - set(shared.connect().handlers)
    if not facts.cell("role.may").held:
        missing.discard(Kind.ROLE)
    assert [k for k in missing if facts.support_of_kind(k).held] == []
    assert all(facts.support_of_kind(k).note for k in missing)
