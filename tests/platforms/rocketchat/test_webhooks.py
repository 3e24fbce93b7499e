"""Webhooks: one of a name, an address that works, and what else they have stays."""

from dataclasses import replace

import pytest
import requests

from chatops.errors import ApiError
from chatops.platforms.base import Change, GivesOutputs, ShowsAgain
from chatops.resources import Channel, IncomingWebhook, Key, Kind, OutgoingWebhook
from tests.platforms.rocketchat.conftest import Bench


def place(bench: Bench, **fields: object) -> str:
    """A new channel, as the file names it."""
    team = bench.team()
    name = bench.channel(team, **fields)
    bench.all(Kind.CHANNEL)
    return f"{team}/{name}"


def incoming(bench: Bench, where: str, **fields: object) -> IncomingWebhook:
    return IncomingWebhook(name=bench.fresh("ci"), channel=where, **fields)


def url_of(bench: Bench, key: Key) -> str:
    handler = bench.server.handlers[key.kind]
    assert isinstance(handler, GivesOutputs)
    return handler.outputs(bench.one(key))["url"].value.reveal()


def history(bench: Bench, where: str) -> list[dict]:
    key = Key(Kind.CHANNEL, where)
    room = bench.run.ids.get(Kind.CHANNEL, where)
    family = "groups" if bench.one(key).resource.private else "channels"
    found = bench.server.client.get(f"{family}.history", roomId=room)["messages"]
    return [message for message in found if "t" not in message]


def rows(bench: Bench, name: str) -> list[dict]:
    found = bench.server.client.every("integrations.list", "integrations")
    return [row for row in found if row["name"] == name]


def test_the_address_that_comes_out_writes_into_the_channel(bench: Bench) -> None:
    where = place(bench)
    hook = incoming(bench, where, username="Builds", icon_url="https://x.example/a.png")
    made = bench.create(hook)
    url = made.outputs["url"].value.reveal()
    assert url.startswith(bench.server.client.http.base + "/hooks/")
    assert url not in repr(made)
    assert requests.post(url, json={"text": "build 7 is green"}, timeout=10).status_code == 200
    said = history(bench, where)[0]
    assert (said["msg"], said["alias"], said["u"]["username"]) == (
        "build 7 is green",
        "Builds",
        "rocket.cat",
    )
    assert url_of(bench, hook.key) == url


def test_the_account_that_it_writes_as_is_brought_into_a_private_channel(bench: Bench) -> None:
    where = place(bench, private=True)
    hook = incoming(bench, where)
    made = bench.create(hook)
    assert not made.failed
    url = made.outputs["url"].value.reveal()
    assert requests.post(url, json={"text": "psst"}, timeout=10).status_code == 200
    assert history(bench, where)[0]["msg"] == "psst"
    # Thrown out by hand, it shows, and the next run brings it back.
    room = bench.run.ids.get(Kind.CHANNEL, where)
    bench.server.client.post("groups.kick", {"roomId": room, "userId": "rocket.cat"})
    assert bench.one(hook.key).resource.channel == f"{where} (rocket.cat is not in it)"
    bench.update(hook.key, channel=where)
    assert bench.one(hook.key).resource.channel == where
    assert requests.post(url, json={"text": "again"}, timeout=10).status_code == 200


def test_a_private_channel_that_we_are_not_in_is_told_of(bench: Bench) -> None:
    where = place(bench, private=True)
    room = bench.run.ids.get(Kind.CHANNEL, where)
    other = bench.user()
    ident = bench.one(Key(Kind.USER, other)).id
    bench.server.client.post("groups.invite", {"roomId": room, "userId": ident})
    bench.server.client.post("groups.addOwner", {"roomId": room, "userId": ident})
    bench.server.client.post("groups.leave", {"roomId": room})
    hook = incoming(bench, where)
    made = bench.create(hook)
    assert "rocket.cat cannot be invited" in made.failed["channel"].message
    assert bench.one(hook.key).resource.channel == f"{where} (rocket.cat is not in it)"


def test_a_second_one_of_a_name_is_a_conflict_whatever_its_case(bench: Bench) -> None:
    where = place(bench)
    hook = incoming(bench, where)
    bench.create(hook)
    for name in (hook.name, hook.name.upper()):
        with pytest.raises(ApiError) as caught:
            bench.create(replace(hook, name=name))
        assert caught.value.code == "taken"
    assert len(rows(bench, hook.name)) == 1


def test_of_several_with_one_name_the_oldest_is_meant_and_the_others_are_shown(
    bench: Bench,
) -> None:
    where = place(bench)
    hook = incoming(bench, where)
    first = bench.create(hook)
    body = {
        "type": "webhook-incoming",
        "name": hook.name,
        "enabled": True,
        "username": "rocket.cat",
        "channel": "#general",
        "scriptEnabled": False,
    }
    second = bench.server.client.post("integrations.create", body)["integration"]["_id"]
    found = {k: v for k, v in bench.all(Kind.INCOMING_WEBHOOK).items() if hook.name in k.name}
    assert found[hook.key].id == first.id
    again = Key(Kind.INCOMING_WEBHOOK, f"{hook.name} (again, {second})")
    assert found[again].resource.channel == "#general"
    assert not found[again].protected
    bench.remove(again)
    assert [row["_id"] for row in rows(bench, hook.name)] == [first.id]


def test_what_was_set_by_hand_stays_when_a_field_changes(bench: Bench) -> None:
    where = place(bench)
    hook = incoming(bench, where, username="Builds")
    made = bench.create(hook)
    script = "class Script {}"
    body = {
        "type": "webhook-incoming",
        "integrationId": made.id,
        "name": hook.name,
        "enabled": True,
        "username": bench.server.me,
        "channel": "#" + where.partition("/")[2],
        "scriptEnabled": True,
        "script": script,
        "emoji": ":truck:",
        "alias": "Builds",
    }
    bench.server.client.put("integrations.update", body)
    bench.update(hook.key, icon_url="https://x.example/b.png")
    row = rows(bench, hook.name)[0]
    assert row["avatar"] == "https://x.example/b.png"
    kept = ("alias", "emoji", "script", "scriptEnabled", "username", "enabled")
    assert {k: row[k] for k in kept} == {
        "alias": "Builds",
        "emoji": ":truck:",
        "script": script,
        "scriptEnabled": True,
        "username": bench.server.me,
        "enabled": True,
    }


def test_one_that_was_switched_off_by_hand_is_switched_on(bench: Bench) -> None:
    where = place(bench)
    for hook in (
        incoming(bench, where),
        OutgoingWebhook(
            name=bench.fresh("told"),
            channel=where,
            trigger_words=frozenset({"!x"}),
            url="https://bots.example/x",
        ),
    ):
        made = bench.create(hook)
        row = rows(bench, hook.name)[0]
        kept = {k: v for k, v in row.items() if k[:1] != "_" and k not in ("userId", "channel")}
        if "token" in kept and row["type"] == "webhook-incoming":
            del kept["token"]
        off = {**kept, "integrationId": made.id, "enabled": False, "channel": row["channel"][0]}
        bench.server.client.put("integrations.update", off)
        assert bench.one(hook.key).resource.channel == f"{where} (switched off)"
        bench.update(hook.key, channel=where)
        assert rows(bench, hook.name)[0]["enabled"] is True
        assert bench.one(hook.key).resource.channel == where


def test_an_outgoing_one_keeps_its_token(bench: Bench) -> None:
    where = place(bench)
    hook = OutgoingWebhook(
        name=bench.fresh("told"),
        channel=where,
        trigger_words=frozenset({"!weather"}),
        url="https://bots.example/weather",
    )
    made = bench.create(hook)
    token = made.outputs["token"].value.reveal()
    assert len(token) == 24
    bench.update(hook.key, trigger_words=frozenset({"!rain", "!weather"}))
    handler = bench.server.handlers[Kind.OUTGOING_WEBHOOK]
    assert handler.outputs(bench.one(hook.key))["token"].value.reveal() == token
    live = bench.one(hook.key).resource
    assert live.trigger_words == {"!rain", "!weather"}
    assert live.url == "https://bots.example/weather"


def test_an_outgoing_one_without_a_token_gets_one_with_its_next_change(bench: Bench) -> None:
    where = place(bench)
    name = bench.fresh("told")
    body = {
        "type": "webhook-outgoing",
        "name": name,
        "enabled": True,
        "username": "rocket.cat",
        "urls": ["https://bots.example/a"],
        "channel": "#" + where.partition("/")[2],
        "event": "sendMessage",
        "triggerWords": ["!a"],
        "scriptEnabled": False,
    }
    bench.server.client.post("integrations.create", body)
    key = Key(Kind.OUTGOING_WEBHOOK, name)
    handler = bench.server.handlers[Kind.OUTGOING_WEBHOOK]
    assert handler.outputs(bench.one(key)) == {}
    live = bench.one(key)
    want = OutgoingWebhook(name=name, url="https://bots.example/b")
    change: Change = Change(action="update", key=key, want=want, have=live, changed=("url",))
    made = handler.update(change, bench.run)
    assert made.outputs["token"].value == handler.outputs(live)["token"].value


def test_removed_twice_is_fine(bench: Bench) -> None:
    where = place(bench)
    hook = incoming(bench, where)
    bench.create(hook)
    live = bench.one(hook.key)
    handler = bench.server.handlers[Kind.INCOMING_WEBHOOK]
    handler.remove(live, bench.run)
    handler.remove(live, bench.run)
    assert bench.read(hook.key) == {}


def test_every_output_is_shown_again(bench: Bench) -> None:
    for kind in (Kind.INCOMING_WEBHOOK, Kind.OUTGOING_WEBHOOK):
        handler = bench.server.handlers[kind]
        assert isinstance(handler, ShowsAgain)
        assert handler.shows_again


def test_a_channel_that_is_none_of_ours_is_called_as_the_server_calls_it(bench: Bench) -> None:
    where = place(bench)
    hook = incoming(bench, where)
    made = bench.create(hook)
    row = rows(bench, hook.name)[0]
    both = f"{row['channel'][0]},#general"
    body = {
        "type": "webhook-incoming",
        "integrationId": made.id,
        "name": hook.name,
        "enabled": True,
        "username": "rocket.cat",
        "channel": both,
        "scriptEnabled": False,
    }
    bench.server.client.put("integrations.update", body)
    assert bench.one(hook.key).resource.channel == f"{where}, #general"
    bench.update(hook.key, username="X")
    assert rows(bench, hook.name)[0]["channel"] == both.split(",")
    assert isinstance(bench.one(Key(Kind.CHANNEL, where)).resource, Channel)
