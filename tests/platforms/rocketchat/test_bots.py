"""Bots: a token that works, kept before it can be lost, and accounts that are people left alone."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from chatops.errors import ApiError, ChatopsError, CredentialError, ServerError
from chatops.platforms.base import Credential, Output
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.robots import is_robot
from chatops.resources import MEMBER, UNKNOWN, Bot, Key, Kind, Picture
from chatops.sandbox import Fault
from chatops.secrets import Secret
from tests.clients.pictures import png
from tests.platforms.rocketchat.conftest import NETWORK, Bench


def picture(data: bytes = png(2, 2)) -> Picture:
    return Picture(name="robo.png", data=data, sha256=hashlib.sha256(data).hexdigest())


class Vault:
    """What a run was asked to keep, in order."""

    def __init__(self, fail_at: int = 0) -> None:
        self.kept: list[tuple[Key, dict[str, str]]] = []
        self.fail_at = fail_at

    def __call__(self, key: Key, outputs: Mapping[str, Output]) -> None:
        if len(self.kept) + 1 == self.fail_at:
            raise ChatopsError("the vault cannot be written")
        told = {n: o.value for n, o in outputs.items()}
        self.kept.append(
            (key, {n: v.reveal() if isinstance(v, Secret) else v for n, v in told.items()})
        )


def keeping(bench: Bench, fail_at: int = 0) -> Vault:
    vault = Vault(fail_at)
    bench.run = replace(bench.run, keep=vault)
    return vault


def bot(bench: Bench, **fields: object) -> Bot:
    return Bot(username=bench.fresh("robo"), active=True, **fields)


def me(url: str, token: str, ident: str) -> dict:
    client = Client(url, NETWORK, Credential(token=Secret(token), user_id=ident))
    return client.sign_in()


def row(bench: Bench, username: str) -> dict:
    return bench.server.client.get("users.info", username=username)["user"]


def test_the_token_that_comes_out_speaks_as_the_bot(bench: Bench) -> None:
    vault = keeping(bench)
    want = bot(bench, display_name="Robo", description="Speaks for the systems")
    made = bench.create(want)
    token = made.outputs["token"].value.reveal()
    ident = made.outputs["user_id"].value
    assert ident == made.id
    said = me(bench.server.client.http.base, token, ident)
    assert (said["username"], said["name"]) == (want.username, "Robo")
    assert set(said["roles"]) == {"user", "bot"}
    assert token not in repr(made)
    names = [tuple(sorted(outputs)) for _, outputs in vault.kept]
    assert names == [("password",), ("token", "user_id")]
    live = bench.one(want.key).resource
    assert (live.display_name, live.description, live.active) == (
        "Robo",
        "Speaks for the systems",
        True,
    )
    assert live.picture == ""


def test_the_token_needs_no_second_factor_and_outlasts_the_session(bench: Bench) -> None:
    keeping(bench)
    want = bot(bench)
    made = bench.create(want)
    token, ident = made.outputs["token"].value.reveal(), made.id
    sessions = bench.server.client.http
    assert sessions.calls > 0
    # The session that made it was ended.
    assert me(sessions.base, token, ident)["_id"] == ident


def test_a_bot_is_no_person(bench: Bench) -> None:
    keeping(bench)
    want = bot(bench)
    bench.create(want)
    live = bench.all(Kind.USER)[Key(Kind.USER, want.username)]
    assert live.protected
    shown = row(bench, want.username)
    assert is_robot(shown)
    assert shown["emails"][0]["address"] == f"no-mail-{want.username}@bot.invalid"


def test_a_bot_in_a_channel_is_none_of_its_people(bench: Bench) -> None:
    keeping(bench)
    team, _ = bench.staffed(1)
    channel = bench.channel(team, private=True)
    bench.all(Kind.CHANNEL)
    want = bot(bench, channels=frozenset({f"{team}/{channel}"}))
    assert not bench.create(want).failed
    bench.all(Kind.USER)
    assert bench.members(team, channel) == frozenset()
    assert bench.one(want.key).resource.channels == {f"{team}/{channel}"}


def test_a_person_who_became_a_bot_by_a_webhook_stays_a_person(bench: Bench) -> None:
    name = bench.user(roles=frozenset({MEMBER}))
    bench.server.client.post("roles.addUserToRole", {"roleId": "bot", "username": name})
    assert not bench.all(Kind.USER)[Key(Kind.USER, name)].protected
    # As a bot it is told, and protected: no policy ever sends it away.
    assert bench.all(Kind.BOT)[Key(Kind.BOT, name)].protected


def test_a_name_that_a_person_has_is_a_conflict(bench: Bench) -> None:
    vault = keeping(bench)
    name = bench.user()
    with pytest.raises(ApiError) as caught:
        bench.create(Bot(username=name, active=True))
    assert caught.value.code == "taken"
    assert vault.kept == []


def test_what_was_cut_off_before_its_token_is_finished_by_the_next_run(own) -> None:
    sandbox, bench = own()
    vault = keeping(bench)
    want = bot(bench, display_name="Robo")
    fault = Fault(
        method="POST", path="/api/v1/users.generatePersonalAccessToken", times=9, status=400
    )
    sandbox.faults.add(fault)
    with pytest.raises(ServerError):
        bench.create(want)
    sandbox.faults.clear()
    assert bench.read(want.key) == {}
    first = vault.kept[0][1]["password"]
    made = bench.create(want)
    assert vault.kept[1][1]["password"] != first
    assert me(sandbox.url, made.outputs["token"].value.reveal(), made.id)["name"] == "Robo"
    assert bench.one(want.key).id == made.id


def test_a_token_that_cannot_be_kept_leaves_the_bot_unfinished(bench: Bench) -> None:
    vault = keeping(bench, fail_at=2)
    want = bot(bench)
    with pytest.raises(ChatopsError):
        bench.create(want)
    assert bench.read(want.key) == {}
    vault.fail_at = 0
    made = bench.create(want)
    assert me(bench.server.client.http.base, made.outputs["token"].value.reveal(), made.id)


def test_a_password_that_cannot_be_kept_makes_no_account(bench: Bench) -> None:
    keeping(bench, fail_at=1)
    want = bot(bench)
    with pytest.raises(ChatopsError):
        bench.create(want)
    with pytest.raises(ApiError):
        row(bench, want.username)


def test_who_comes_back_has_a_new_token(bench: Bench) -> None:
    keeping(bench)
    want = bot(bench)
    made = bench.create(want)
    url, old = bench.server.client.http.base, made.outputs["token"].value.reveal()
    bench.remove(want.key)
    assert bench.one(want.key).archived
    with pytest.raises(CredentialError):
        me(url, old, made.id)
    back = bench.update(want.key, active=True)
    assert me(url, back.outputs["token"].value.reveal(), made.id)["_id"] == made.id
    assert bench.one(want.key).resource.active


def test_removed_twice_is_fine(bench: Bench) -> None:
    keeping(bench)
    want = bot(bench)
    bench.create(want)
    handler = bench.server.handlers[Kind.BOT]
    live = bench.one(want.key)
    handler.remove(live, bench.run)
    handler.remove(live, bench.run)
    assert not bench.one(want.key).resource.active


def test_a_picture_is_set_and_taken_away(bench: Bench) -> None:
    keeping(bench)
    want = bot(bench, picture=picture())
    assert not bench.create(want).failed
    assert bench.one(want.key).resource.picture is UNKNOWN
    bench.update(want.key, picture="")
    assert bench.one(want.key).resource.picture == ""
    bench.update(want.key, picture=picture())
    assert bench.one(want.key).resource.picture is UNKNOWN


def test_a_server_that_takes_certain_domains_only(own) -> None:
    _, bench = own()
    keeping(bench)
    bench.set("sign_in.email_domains", ("nordlys.example", "sydlys.example"))
    want = bot(bench)
    bench.create(want)
    shown = row(bench, want.username)
    assert shown["emails"][0]["address"] == f"no-mail-{want.username}@nordlys.example"
    assert is_robot(shown)
    bench.remove(want.key)
    assert bench.update(want.key, active=True).outputs["token"]


def test_a_changed_text_leaves_the_other_alone(bench: Bench) -> None:
    keeping(bench)
    want = bot(bench, display_name="Robo", description="first")
    bench.create(want)
    bench.update(want.key, display_name="Robo 2")
    assert bench.one(want.key).resource.description == "first"
    bench.update(want.key, description="")
    live = bench.one(want.key).resource
    assert (live.display_name, live.description) == ("Robo 2", "")
