"""People on a server."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chatops.errors import AmbiguousError, ApiError
from chatops.platforms.base import Credential, Onboarding
from chatops.platforms.rocketchat.client import Client
from chatops.resources import (
    ADMIN,
    GUEST,
    MEMBER,
    UNKNOWN,
    Key,
    Kind,
    Picture,
    Team,
    TeamMembers,
    User,
)
from chatops.sandbox.faults import Fault
from chatops.sandbox.server import Sandbox
from tests.clients.pictures import png
from tests.platforms.rocketchat.conftest import NETWORK, PASSWORD, Bench


def _key(name: str) -> Key:
    return Key(Kind.USER, name)


def test_a_person_reads_back_as_made(bench: Bench) -> None:
    name = bench.user(name="Ida van der Holm")
    person = bench.one(_key(name)).resource
    assert person == User(
        username=name,
        name="Ida van der Holm",
        email=f"{name}@nordlys.example",
        title="",
        picture="",
        roles=frozenset({MEMBER}),
        own_roles=frozenset(),
        active=True,
    )


def _picture(side: int) -> Picture:
    data = png(side, side)
    return Picture(name="ida.png", data=data, sha256=hashlib.sha256(data).hexdigest())


def test_a_picture_is_told_to_be_there_and_not_which(bench: Bench) -> None:
    name = bench.user(picture=_picture(8))
    assert bench.one(_key(name)).resource.picture is UNKNOWN
    tag = bench.server.client.get("users.info", username=name)["user"]["avatarETag"]
    bench.update(_key(name), picture=_picture(9))
    row = bench.server.client.get("users.info", username=name)["user"]
    assert row["avatarETag"] != tag
    other = bench.user()
    assert bench.one(_key(other)).resource.picture == ""
    bench.update(_key(other), picture=_picture(8))
    assert bench.one(_key(other)).resource.picture is UNKNOWN
    assert bench.all(Kind.USER)[_key(other)].resource.picture is UNKNOWN


def test_a_picture_that_is_refused_leaves_the_person_there(
    own: Callable[..., tuple[Sandbox, Bench]],
) -> None:
    sandbox, bench = own()
    sandbox.faults.add(Fault(method="POST", path="/api/v1/users.setAvatar", times=9, status=500))
    name = bench.fresh("ida")
    wish = User(username=name, name="Ida", email=f"{name}@x.example", picture=_picture(8))
    result = bench.create(wish)
    assert set(result.failed) == {"picture"}
    sandbox.faults.clear()
    assert bench.one(_key(name)).resource.picture == ""


def test_a_first_sign_in_by_a_provider_asks_for_no_password(bench: Bench) -> None:
    bench.run = replace(bench.run, onboarding=Onboarding.SSO)
    name = bench.user()
    row = bench.server.client.get("users.info", username=name)["user"]
    assert not row.get("requirePasswordChange")


def test_a_person_can_sign_in_and_must_change_the_password(bench: Bench, url: str) -> None:
    name = bench.user()
    person = Client(url, NETWORK, Credential(username=name, password=PASSWORD))
    person.sign_in()
    row = bench.server.client.get("users.info", username=name)["user"]
    assert row.get("requirePasswordChange", True) is True


def test_an_admin_is_made_at_once(bench: Bench) -> None:
    name = bench.user(roles=frozenset({ADMIN}))
    assert bench.one(_key(name)).resource.roles == {ADMIN}


def test_a_name_that_is_taken(bench: Bench) -> None:
    name = bench.user()
    for username, email in (
        (name, "other@nordlys.example"),
        (name.upper(), "other@nordlys.example"),
        (bench.fresh("new"), f"{name}@nordlys.example".upper()),
    ):
        with pytest.raises(ApiError) as caught:
            bench.create(User(username=username, name="X", email=email, password=PASSWORD))
        assert caught.value.code == "error-field-unavailable"
        assert "another account" in caught.value.message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Ida Bang"),
        ("email", "ida.bang@nordlys.example"),
        ("roles", frozenset({ADMIN})),
        ("active", False),
    ],
)
def test_one_field_changes_and_no_other(bench: Bench, field: str, value: object) -> None:
    name = bench.user()
    before = bench.one(_key(name)).resource
    if field == "email":
        value = f"{name}.{value}"
    bench.update(_key(name), **{field: value})
    assert bench.one(_key(name)).resource == replace(before, **{field: value})


def test_a_person_gets_another_name(bench: Bench) -> None:
    old, new = bench.user(), bench.fresh("ida-bang")
    ident = bench.one(_key(old)).id
    bench.update(_key(old), username=new, name="Ida Bang", roles=frozenset({ADMIN}))
    person = bench.one(_key(new))
    assert (person.id, person.resource.name) == (ident, "Ida Bang")
    assert person.resource.roles == {ADMIN}
    assert bench.read(_key(old)) == {}


def test_a_rename_to_a_name_that_is_taken(bench: Bench) -> None:
    one, other = bench.users(2)
    with pytest.raises(ApiError, match="taken"):
        bench.update(_key(one), username=other)


def test_what_is_not_in_the_file_stays(bench: Bench) -> None:
    """Biography and nickname go with every write, roles of other names are not touched."""
    name = bench.fresh("bo")
    bench.server.client.post(
        "users.create",
        {
            "username": name,
            "name": "Bo",
            "email": f"{name}@nordlys.example",
            "password": PASSWORD.reveal(),
            "roles": ["user", "bot"],
            "bio": "Drives trucks",
            "nickname": "bobby",
        },
    )
    bench.update(_key(name), name="Bo Friis", roles=frozenset({ADMIN}))
    bench.update(_key(name), email=f"friis-{name}@nordlys.example")
    row = bench.server.client.get("users.info", username=name)["user"]
    assert (row["bio"], row["nickname"]) == ("Drives trucks", "bobby")
    assert set(row["roles"]) == {"user", "bot", "admin"}
    bench.update(_key(name), roles=frozenset({MEMBER}))
    row = bench.server.client.get("users.info", username=name)["user"]
    assert set(row["roles"]) == {"user", "bot"}


@pytest.mark.parametrize("verified", [True, False])
def test_a_new_address_is_as_trusted_as_the_old_one(bench: Bench, verified: bool) -> None:
    """A verified one makes the server ask for mailed codes, an unverified one gets a mail."""
    name = bench.fresh("bo")
    body = {"username": name, "name": "Bo", "email": f"{name}@x.example", "verified": verified}
    bench.server.client.post("users.create", {**body, "password": PASSWORD.reveal()})
    bench.update(_key(name), email=f"new-{name}@x.example")
    row = bench.server.client.get("users.info", username=name)["user"]
    assert row["emails"] == [{"address": f"new-{name}@x.example", "verified": verified}]


def test_an_admin_is_no_admin_any_more(bench: Bench) -> None:
    name = bench.user(roles=frozenset({ADMIN}))
    bench.update(_key(name), roles=frozenset({MEMBER}))
    assert bench.one(_key(name)).resource.roles == {MEMBER}
    bench.update(_key(name), roles=frozenset({GUEST}))
    assert bench.one(_key(name)).resource.roles == {GUEST}


def test_a_person_leaves_twice_and_comes_back(bench: Bench) -> None:
    name = bench.user()
    for _ in range(2):
        bench.remove(_key(name))
        live = bench.one(_key(name))
        assert live.archived
        assert live.resource.active is False
    bench.update(_key(name), active=True, name="Ida Again")
    person = bench.one(_key(name)).resource
    assert (person.active, person.name) == (True, "Ida Again")


def test_the_last_owner_of_a_room_is_not_put_away_and_the_room_is_named(
    bench: Bench, url: str
) -> None:
    name = bench.fresh("owner")
    bench.server.client.post(
        "users.create",
        {
            "username": name,
            "name": "Owner",
            "email": f"{name}@nordlys.example",
            "password": PASSWORD.reveal(),
        },
    )
    person = Client(url, NETWORK, Credential(username=name, password=PASSWORD))
    person.sign_in()
    room = bench.fresh("private")
    person.post("groups.create", {"name": room})
    with pytest.raises(ApiError, match=room) as caught:
        bench.remove(_key(name))
    assert caught.value.code == "user-last-owner"
    assert bench.one(_key(name)).resource.active is True


def test_bots_are_shown_and_protected(bench: Bench) -> None:
    bots = [live for live in bench.all(Kind.USER).values() if live.protected]
    # Other tests make bots of ours on the same server.
    names = [x.resource.username for x in bots if not x.resource.email.startswith("no-mail-")]
    assert names == ["rocket.cat"]


def test_a_few_are_asked_for_by_name_many_by_the_list(bench: Bench) -> None:
    names = bench.users(4)
    calls = bench.calls
    assert set(bench.read(*map(_key, names[:2]))) == set(map(_key, names[:2]))
    assert bench.calls == calls + 2
    assert set(bench.read(*map(_key, names))) == set(map(_key, names))


def test_capitals_on_the_server_are_found_by_small_letters(bench: Bench) -> None:
    name = bench.fresh("capital")
    bench.create(
        User(username=name.upper(), name="C", email=f"{name}@x.example", password=PASSWORD)
    )
    (live,) = bench.read(_key(name)).values()
    assert live.resource.username == name.upper()


def test_first_passwords_by_mail(own: Callable[..., tuple[Sandbox, Bench]]) -> None:
    _, bench = own()
    bench.mailing()
    ida = User(username="ida", name="Ida", email="ida@nordlys.example", password=PASSWORD)
    failed = bench.create(ida).failed
    assert "mail" in failed["mail"].message
    assert failed["mail"].hint
    assert bench.one(ida.key).resource.email == "ida@nordlys.example"
    bench.set("smtp.host", "mail.nordlys.example")
    bo = User(username="bo", name="Bo", email="bo@nordlys.example", password=PASSWORD)
    assert bench.run.onboarding is Onboarding.MAIL
    assert bench.create(bo).failed == {}


def test_the_answer_is_lost_and_the_person_was_made(
    own: Callable[..., tuple[Sandbox, Bench]],
) -> None:
    sandbox, bench = own()
    sandbox.faults.add(Fault(kind="cut_after", method="POST", path="*/users.create"))
    ida = User(username="ida", name="Ida", email="ida@nordlys.example", password=PASSWORD)
    with pytest.raises(AmbiguousError):
        bench.create(ida)
    assert bench.one(ida.key).resource.name == "Ida"


def test_a_server_in_trouble_is_asked_again(own: Callable[..., tuple[Sandbox, Bench]]) -> None:
    sandbox, bench = own()
    name = bench.user()
    sandbox.faults.add(
        Fault(status=503, path="*/users.list", times=2),
        Fault(kind="cut", path="*/users.update"),
        Fault(status=429, path="*/users.info"),
    )
    bench.update(_key(name), name="Ida Bang")
    assert bench.all(Kind.USER)[_key(name)].resource.name == "Ida Bang"
    assert len(sandbox.faults.fired) == 4


def test_eight_at_a_time(bench: Bench) -> None:
    team = bench.team()
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: bench.user(), range(24)))
    wish = TeamMembers(team=team, members=frozenset(names))
    assert bench.create(wish).failed == {}
    found = bench.all(Kind.USER)
    assert set(map(_key, names)) <= set(found)


def test_people_teams_and_channels_share_one_space_of_names(bench: Bench) -> None:
    name = bench.user()
    with pytest.raises(ApiError) as caught:
        bench.create(Team(name=name, open=True))
    assert caught.value.code == "team-name-already-exists"
