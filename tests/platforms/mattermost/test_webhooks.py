"""Webhooks in both directions."""

from typing import Any

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Action, Change
from chatops.resources import IncomingWebhook, Key, Kind, OutgoingWebhook
from chatops.secrets import redactor

from .conftest import Bench, Own

INCOMING, OUTGOING = Kind.INCOMING_WEBHOOK, Kind.OUTGOING_WEBHOOK


def incoming(bench: Bench, channel: str, **fields: Any) -> IncomingWebhook:
    return IncomingWebhook(name=bench.fresh("ci"), channel=channel, **fields)


def outgoing(bench: Bench, channel: str, **fields: Any) -> OutgoingWebhook:
    fields = {"trigger_words": frozenset({"!w"}), "url": "https://bots.example/w", **fields}
    return OutgoingWebhook(name=bench.fresh("told"), channel=channel, **fields)


def place(bench: Bench, team: str | None = None, **fields: Any) -> str:
    team = team or bench.team()
    return f"{team}/{bench.channel(team, **fields)}"


def change(bench: Bench, want: Any, *names: str) -> Any:
    have = bench.one(want.key)
    asked: Change[Any] = Change(
        action=Action.UPDATE, key=want.key, want=want, have=have, changed=names
    )
    return bench.server.handlers[want.kind].update(asked, bench.run)


def test_a_program_writes_at_the_address_that_comes_out(bench: Bench) -> None:
    where = place(bench, private=True)
    want = incoming(bench, where, description="Builds")
    result = bench.create(want)
    assert bench.one(want.key).resource == IncomingWebhook(
        name=want.name, channel=where, description="Builds", username="", icon_url=""
    )
    url = result.outputs["url"].value
    assert result.id in url.reveal()  # type: ignore[union-attr]
    assert result.id not in redactor.clean(f"PUT /hooks/incoming/{result.id} {result!r}")
    handler: Any = bench.server.handlers[INCOMING]
    assert handler.outputs(bench.one(want.key)) == result.outputs


def test_a_change_keeps_what_it_does_not_say(bench: Bench) -> None:
    team = bench.team()
    first, second = place(bench, team), place(bench, team)
    want = incoming(bench, first, description="Builds")
    before = bench.create(want)
    moved = IncomingWebhook(name=want.name, channel=second)
    after = change(bench, moved, "channel")
    live = bench.one(want.key).resource
    assert (live.channel, live.description) == (second, "Builds")
    assert after.id == before.id and not after.outputs


@pytest.mark.parametrize("make", [incoming, outgoing])
def test_in_another_team_it_is_a_new_one(bench: Bench, make: Any) -> None:
    here, there = place(bench), place(bench)
    want = make(bench, here, description="Builds")
    before = bench.create(want)
    moved = type(want)(name=want.name, channel=there)
    after = change(bench, moved, "channel")
    assert after.id != before.id
    assert after.outputs and after.outputs != before.outputs
    live = bench.one(want.key)
    assert (live.id, live.resource.channel, live.resource.description) == (
        after.id,
        there,
        "Builds",
    )
    mine = [k for k in bench.all(want.kind) if want.name in k.name]
    assert mine == [want.key]


def test_of_several_of_a_name_the_oldest_is_meant(bench: Bench) -> None:
    """The others are numbered: the id of an incoming one is its secret."""
    where = place(bench)
    want = incoming(bench, where)
    client, channel = bench.server.client, bench.run.ids.get(Kind.CHANNEL, where)
    made = [
        client.post("/hooks/incoming", {"channel_id": channel, "display_name": name})["id"]
        for name in (want.name, want.name.upper(), f"{want.name} (2)", want.name)
    ]
    found = {k.name: x.id for k, x in bench.all(INCOMING).items() if want.name in k.name.lower()}
    assert found == {
        want.name: made[0],
        f"{want.name.upper()} (3)": made[1],
        f"{want.name} (2)": made[2],
        f"{want.name} (4)": made[3],
    }
    assert not any(ident in name for name in found for ident in made)
    with pytest.raises(ApiError, match="exists already"):
        bench.create(want)


def test_removing_twice_is_fine(bench: Bench) -> None:
    where = place(bench)
    for want in (incoming(bench, where), outgoing(bench, where)):
        bench.create(want)
        live = bench.one(want.key)
        handler = bench.server.handlers[want.kind]
        handler.remove(live, bench.run)
        handler.remove(live, bench.run)
        assert bench.read(want.key) == {}


def test_a_name_that_the_server_drops_is_no_success(own: Own) -> None:
    _, bench = own()
    want = incoming(bench, place(bench), username="builder")
    with pytest.raises(ApiError, match="dropped username") as caught:
        bench.create(want)
    assert "EnablePostUsernameOverride" in caught.value.hint


def test_what_is_said_and_where(bench: Bench) -> None:
    want = outgoing(bench, place(bench), description="Weather")
    result = bench.create(want)
    assert bench.one(want.key).resource == want
    handler: Any = bench.server.handlers[OUTGOING]
    assert handler.outputs(bench.one(want.key)) == result.outputs
    other = OutgoingWebhook(
        name=want.name, trigger_words=frozenset({"!w", "!x"}), url="https://bots.example/x"
    )
    change(bench, other, "trigger_words", "url")
    live = bench.one(want.key).resource
    assert (live.trigger_words, live.url, live.description) == (
        {"!w", "!x"},
        "https://bots.example/x",
        "Weather",
    )
    assert handler.outputs(bench.one(want.key)) == result.outputs


def test_a_private_channel_is_not_heard(bench: Bench) -> None:
    with pytest.raises(ApiError, match="private"):
        bench.create(outgoing(bench, place(bench, private=True)))


def test_a_channel_that_is_archived_takes_its_webhooks_along(bench: Bench) -> None:
    where = place(bench)
    want = incoming(bench, where)
    bench.create(want)
    bench.remove(Key(Kind.CHANNEL, where))
    assert bench.read(want.key) == {}


def test_what_is_switched_off_is_not_there(own: Own) -> None:
    """And a plan can be made that switches it on."""
    _, bench = own()
    want = incoming(bench, place(bench))
    bench.create(want)
    off = {"EnableIncomingWebhooks": False, "EnableOutgoingWebhooks": False}
    bench.server.client.put("/config/patch", {"ServiceSettings": off})
    assert bench.all(INCOMING) == bench.all(OUTGOING) == {}
    with pytest.raises(ApiError, match="switched off"):
        bench.create(incoming(bench, want.channel))  # type: ignore[arg-type]
