"""Teams."""

import pytest

from chatops.errors import ApiError
from chatops.resources import Key, Kind, Team

from .conftest import Bench


def key(name: str) -> Key:
    return Key(Kind.TEAM, name)


@pytest.mark.parametrize("open_", [True, False])
def test_what_is_made_reads_back(bench: Bench, open_: bool) -> None:
    name = bench.fresh("ops")
    want = Team(
        name=name,
        display_name="Operations",
        description="Trucks, drivers\nand depots",
        open=open_,
        archived=False,
    )
    result = bench.create(want)
    live = bench.one(key(name))
    assert live.resource == want
    assert live.id == result.id == bench.run.ids.get(Kind.TEAM, name)
    assert bench.all(Kind.TEAM)[key(name)] == live


def test_a_bare_wish(bench: Bench) -> None:
    name = bench.fresh("ops")
    bench.create(Team(name=name))
    live = bench.one(key(name)).resource
    assert (live.display_name, live.description, live.open) == (name, "", False)


def test_open_lets_people_in(bench: Bench) -> None:
    """The type alone would not: the invitation switch must go with it."""
    row = bench.server.client.get(f"/teams/name/{bench.team(open=True)}")
    assert (row["type"], row["allow_open_invite"]) == ("O", True)


def test_a_name_that_is_taken_is_a_conflict(bench: Bench) -> None:
    name = bench.team()
    bench.remove(key(name))
    with pytest.raises(ApiError, match="team of this name exists") as caught:
        bench.create(Team(name=name, display_name="Again"))
    assert caught.value.hint


def test_a_reserved_name_is_refused(bench: Bench) -> None:
    with pytest.raises(ApiError, match="keeps for itself"):
        bench.create(Team(name="helpdesk", display_name="Helpdesk"))


def test_fields_change_one_by_one(bench: Bench) -> None:
    name = bench.team(description="old", open=False)
    bench.update(key(name), display_name="New name")
    bench.update(key(name), description="")
    bench.update(key(name), open=True)
    assert bench.one(key(name)).resource == Team(
        name=name, display_name="New name", description="", open=True, archived=False
    )
    bench.update(key(name), open=False)
    assert bench.one(key(name)).resource.open is False


def test_writing_a_description_keeps_the_invitation_link(bench: Bench) -> None:
    name = bench.team(open=False)
    link = bench.server.client.get(f"/teams/name/{name}")["invite_id"]
    bench.update(key(name), description="new", display_name="New")
    assert bench.server.client.get(f"/teams/name/{name}")["invite_id"] == link


def test_archive_bring_back_and_change_at_once(bench: Bench) -> None:
    name = bench.team()
    bench.update(key(name), archived=True, description="closed")
    closed = bench.one(key(name))
    assert (closed.archived, closed.resource.archived) == (True, True)
    assert closed.resource.description == "closed"
    bench.update(key(name), archived=False, description="open again")
    opened = bench.one(key(name))
    assert (opened.archived, opened.resource.description) == (False, "open again")


def test_changing_what_stays_archived(bench: Bench) -> None:
    name = bench.team(archived=True)
    assert bench.one(key(name)).archived
    bench.update(key(name), description="still closed")
    live = bench.one(key(name))
    assert (live.archived, live.resource.description) == (True, "still closed")


def test_removing_twice_is_fine(bench: Bench) -> None:
    name = bench.team()
    have = bench.one(key(name))
    for _ in range(2):
        bench.server.handlers[Kind.TEAM].remove(have, bench.run)
    assert bench.one(key(name)).archived
    bench.remove(key(name))


def test_few_are_asked_for_by_name_and_many_as_a_list(bench: Bench) -> None:
    names = [bench.team() for _ in range(5)]
    assert bench.read(*(key(n) for n in names[:2]), key("no-such-team")).keys() == {
        key(n) for n in names[:2]
    }
    assert bench.read(*(key(n) for n in names)).keys() == {key(n) for n in names}
