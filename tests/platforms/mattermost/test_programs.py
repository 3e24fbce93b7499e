"""Slash commands, bots and emoji."""

import hashlib
from typing import Any

import pytest

from chatops.errors import AmbiguousError, ApiError
from chatops.platforms.base import Action, Change, Run
from chatops.resources import UNKNOWN, Bot, Emoji, Key, Kind, Picture, SlashCommand
from chatops.sandbox import Fault
from chatops.secrets import Secret
from tests.contract.pictures import png

from .conftest import Bench, Own


def picture(colour: tuple[int, int, int], side: int = 48) -> Picture:
    data = png(side, side, colour)
    return Picture(name="p.png", data=data, sha256=hashlib.sha256(data).hexdigest())


def change(bench: Bench, want: Any, *names: str) -> Any:
    have = bench.one(want.key)
    asked: Change[Any] = Change(
        action=Action.UPDATE, key=want.key, want=want, have=have, changed=names
    )
    return bench.server.handlers[want.kind].update(asked, bench.run)


def command(bench: Bench, team: str, **fields: Any) -> SlashCommand:
    return SlashCommand(
        team=team, trigger=bench.fresh("truck"), **{"url": "https://bots.example/t", **fields}
    )


def test_a_command_reads_back(bench: Bench) -> None:
    want = command(
        bench,
        bench.team(),
        method="get",
        display_name="Truck",
        description="Where is a truck?",
        hint="[number]",
        autocomplete=True,
        username="robo",
    )
    result = bench.create(want)
    assert bench.one(want.key).resource == want
    assert bench.all(Kind.SLASH_COMMAND)[want.key].id == result.id
    handler: Any = bench.server.handlers[Kind.SLASH_COMMAND]
    assert handler.outputs(bench.one(want.key)) == result.outputs
    assert isinstance(result.outputs["token"].value, Secret)


def test_a_bare_command_is_posted_and_changed(bench: Bench) -> None:
    want = command(bench, bench.team())
    first = bench.create(want)
    live = bench.one(want.key).resource
    assert (live.method, live.autocomplete, live.description) == ("post", False, "")
    more = SlashCommand(
        team=want.team, trigger=want.trigger, method="get", description="Where?", autocomplete=True
    )
    change(bench, more, "method", "description", "autocomplete")
    live = bench.one(want.key)
    assert (live.id, live.resource.url) == (first.id, want.url)
    assert (live.resource.method, live.resource.description) == ("get", "Where?")
    handler: Any = bench.server.handlers[Kind.SLASH_COMMAND]
    assert handler.outputs(live) == first.outputs


def test_a_word_is_taken_once_in_a_team(bench: Bench) -> None:
    one, two = bench.team(), bench.team()
    want = command(bench, one)
    bench.create(want)
    with pytest.raises(ApiError, match="taken in the team"):
        bench.create(want)
    with pytest.raises(ApiError, match="taken in the team"):
        bench.create(SlashCommand(team=one, trigger="shrug", url="https://bots.example/t"))
    bench.create(SlashCommand(team=two, trigger=want.trigger, url="https://bots.example/t"))
    live = bench.one(want.key)
    handler = bench.server.handlers[Kind.SLASH_COMMAND]
    handler.remove(live, bench.run)
    handler.remove(live, bench.run)
    assert bench.read(want.key) == {}


@pytest.fixture
def botany(bench: Bench) -> Bench:
    """A server on which bots can be made."""
    on = {"ServiceSettings": {"EnableBotAccountCreation": True}}
    bench.server.client.put("/config/patch", on)
    return bench


def test_a_bot_reads_back_and_works(botany: Bench) -> None:
    bench, team = botany, botany.team()
    where = f"{team}/{bench.channel(team, private=True)}"
    want = Bot(
        username=bench.fresh("robo"),
        display_name="Robo",
        description="Speaks for the systems",
        picture=picture((9, 99, 9)),
        channels=frozenset({where}),
        active=True,
    )
    kept: dict[str, Any] = {}
    bench.run = Run(ids=bench.run.ids, keep=lambda key, outputs: kept.update(outputs))
    result = bench.create(want)
    assert not result.failed
    live = bench.one(want.key)
    assert live.resource.picture is UNKNOWN
    for name in ("username", "display_name", "description", "channels", "active"):
        assert getattr(live.resource, name) == getattr(want, name)
    assert not live.protected
    assert set(kept) == {"token"} and kept == dict(result.outputs)
    answer = bench.server.client.http.call(
        "GET", "/users/me", headers={"Authorization": f"Bearer {kept['token'].value.reveal()}"}
    )
    assert answer.json()["username"] == want.username
    # Whoever asks for people is not told of bots.
    assert not any(want.username in k.name for k in bench.all(Kind.USER))


def test_a_bot_changes_leaves_and_comes_back(botany: Bench) -> None:
    bench, team = botany, botany.team()
    want = Bot(username=bench.fresh("robo"), display_name="Robo", active=True)
    first = bench.create(want)
    assert bench.one(want.key).resource.picture == ""
    where = f"{team}/{bench.channel(team)}"
    more = Bot(
        username=want.username,
        display_name="Robo 2",
        channels=frozenset({where}),
        picture=picture((9, 9, 99)),
        active=False,
    )
    change(bench, more, "display_name", "channels", "picture", "active")
    live = bench.one(want.key)
    assert (live.id, live.archived, live.resource.active) == (first.id, True, False)
    assert (live.resource.display_name, live.resource.channels) == ("Robo 2", {where})
    change(bench, Bot(username=want.username, active=True), "active")
    assert bench.one(want.key).resource.active is True
    handler = bench.server.handlers[Kind.BOT]
    handler.remove(live, bench.run)
    handler.remove(live, bench.run)
    assert bench.one(want.key).archived


def test_a_bot_with_the_name_of_a_person_is_a_conflict(botany: Bench) -> None:
    with pytest.raises(ApiError, match="taken"):
        botany.create(Bot(username=botany.user()))


def test_a_channel_that_is_not_there_stops_no_other(botany: Bench) -> None:
    bench, team = botany, botany.team()
    where = f"{team}/{bench.channel(team)}"
    want = Bot(username=bench.fresh("robo"), channels=frozenset({where, f"{team}/no-such"}))
    assert bench.create(want).failed.keys() == {f"{team}/no-such"}
    assert bench.one(want.key).resource.channels == {where}


@pytest.mark.parametrize("kind", ["cut", "cut_after"])
@pytest.mark.parametrize("path", ["/api/v4/bots", "/api/v4/users/*/tokens"])
def test_a_lost_answer_costs_no_token(own: Own, path: str, kind: str) -> None:
    sandbox, bench = own()
    on = {"ServiceSettings": {"EnableBotAccountCreation": True}}
    bench.server.client.put("/config/patch", on)
    sandbox.faults.add(Fault(method="POST", path=path, times=1, kind=kind))
    want = Bot(username="robo")
    try:
        result = bench.create(want)
    except AmbiguousError:
        # It never came to be; the engine looks, and sends it again.
        assert bench.read(want.key) == {}
        result = bench.create(want)
    token = result.outputs["token"].value
    assert isinstance(token, Secret)
    rows = bench.server.client.get(f"/users/{result.id}/tokens")
    assert len([row for row in rows if row["is_active"]]) == 1
    answer = bench.server.client.http.call(
        "GET", "/users/me", headers={"Authorization": f"Bearer {token.reveal()}"}
    )
    assert answer.json()["username"] == "robo"


def test_bots_are_made_where_that_is_on(own: Own) -> None:
    _, bench = own()
    with pytest.raises(ApiError, match="switched off"):
        bench.create(Bot(username="robo"))


def test_an_emoji_is_made_and_made_anew(bench: Bench) -> None:
    want = Emoji(name=bench.fresh("nordlys"), picture=picture((1, 200, 1)))
    first = bench.create(want)
    live = bench.one(want.key)
    assert (live.id, live.resource.picture) == (first.id, UNKNOWN)
    handler: Any = bench.server.handlers[Kind.EMOJI]
    assert handler.picture(live) == want.picture.data  # type: ignore[union-attr]
    other = Emoji(name=want.name, picture=picture((200, 1, 1)))
    second = change(bench, other, "picture")
    assert second.id != first.id
    assert handler.picture(bench.one(want.key)) == other.picture.data  # type: ignore[union-attr]
    with pytest.raises(ApiError, match="of this name exists"):
        bench.create(want)
    handler.remove(bench.one(want.key), bench.run)
    handler.remove(live, bench.run)
    assert bench.read(want.key) == {}


def test_an_emoji_that_is_too_large_or_everybodys(bench: Bench) -> None:
    with pytest.raises(ApiError, match="larger than the server takes"):
        bench.create(Emoji(name=bench.fresh("wide"), picture=picture((1, 1, 1), 1_100)))
    with pytest.raises(ApiError, match="everybody has"):
        bench.create(Emoji(name="smile", picture=picture((1, 1, 1))))


def test_what_is_switched_off_is_not_there(own: Own) -> None:
    _, bench = own()
    team = bench.team()
    bench.create(command(bench, team))
    bench.create(Emoji(name="nordlys", picture=picture((1, 2, 3))))
    off = {"EnableCommands": False, "EnableCustomEmoji": False}
    bench.server.client.put("/config/patch", {"ServiceSettings": off})
    assert bench.all(Kind.SLASH_COMMAND) == bench.all(Kind.EMOJI) == {}
    assert bench.read(Key(Kind.EMOJI, "nordlys")) == {}
