"""People."""

import hashlib
from dataclasses import replace

import pytest

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Credential, Target
from chatops.platforms.mattermost import PLATFORM
from chatops.resources import ADMIN, GUEST, MEMBER, UNKNOWN, UNSET, Key, Kind, Picture, User
from chatops.secrets import Secret
from tests.contract.pictures import png

from .conftest import NETWORK, PASSWORD, Bench, Site


def key(name: str) -> Key:
    return Key(Kind.USER, name)


def signs_in(site: Site, name: str, password: Secret) -> bool:
    try:
        server = PLATFORM.connect(
            Target(
                url=site.url,
                credential=Credential(username=name, password=password),
                network=NETWORK,
            )
        )
    except ServerError:
        return False
    close = getattr(server, "close", None)
    assert callable(close)
    close()
    return True


def test_what_is_made_reads_back(bench: Bench) -> None:
    name = bench.fresh("ida")
    want = User(
        username=name,
        name="Ida Marie Holm",
        email=f"{name}@nordlys.example",
        title="CIO",
        locale="de",
        timezone="Europe/Copenhagen",
        picture="",
        roles=frozenset({MEMBER}),
        active=True,
        password=PASSWORD,
    )
    result = bench.create(want)
    live = bench.one(key(name))
    assert live.id == result.id == bench.run.ids.get(Kind.USER, name)
    assert live.resource == User(**{**want.__dict__, "password": UNSET})
    assert bench.all(Kind.USER)[key(name)] == live


def picture(colour: tuple[int, int, int], name: str = "face.png") -> Picture:
    data = png(40, 60, colour)
    return Picture(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def test_a_picture_is_given_and_changed(bench: Bench) -> None:
    name = bench.user(picture=picture((200, 10, 10)))
    live, client = bench.one(key(name)), bench.server.client

    def shown() -> bytes:
        return client.call("GET", f"/users/{live.id}/image").content

    assert live.resource.picture is UNKNOWN
    first = shown()
    bench.update(key(name), picture=picture((10, 10, 200)))
    assert shown() != first
    assert bench.all(Kind.USER)[key(name)].resource.picture is UNKNOWN
    client.delete(f"/users/{live.id}/image")
    assert bench.one(key(name)).resource.picture == ""


def test_what_is_no_picture_fails_alone(bench: Bench) -> None:
    name = bench.fresh("ida")
    broken = replace(picture((1, 1, 1)), data=b"\x89PNG\r\n\x1a\n and no more")
    made = User(username=name, email=f"{name}@nordlys.example", picture=broken, password=PASSWORD)
    result = bench.create(made)
    assert set(result.failed) == {"picture"}
    assert result.failed["picture"].hint
    assert bench.one(key(name)).resource.picture == ""


def test_the_zone_of_a_device_is_nobodys_choice(bench: Bench) -> None:
    name = bench.user()
    live, client = bench.one(key(name)), bench.server.client
    zone = {"useAutomaticTimezone": "true", "automaticTimezone": "Asia/Tokyo"}
    client.put(f"/users/{live.id}/patch", {"timezone": {**zone, "manualTimezone": "Asia/Seoul"}})
    assert bench.one(key(name)).resource.timezone == ""
    bench.update(key(name), timezone="Europe/Paris", locale="fr")
    assert bench.one(key(name)).resource.timezone == "Europe/Paris"
    assert bench.one(key(name)).resource.locale == "fr"


def test_one_call_makes_a_person(bench: Bench) -> None:
    before = bench.calls
    bench.user()
    assert bench.calls - before == 1


def test_the_address_counts_as_confirmed(bench: Bench, site: Site) -> None:
    """Else nobody could sign in where the server wants addresses confirmed."""
    client, name = bench.server.client, bench.user()
    client.put("/config/patch", {"EmailSettings": {"RequireEmailVerification": True}})
    try:
        assert signs_in(site, name, PASSWORD)
    finally:
        client.put("/config/patch", {"EmailSettings": {"RequireEmailVerification": False}})


def test_an_address_that_waits_to_be_confirmed_is_not_done(bench: Bench) -> None:
    client, name = bench.server.client, bench.user()
    client.put("/config/patch", {"EmailSettings": {"RequireEmailVerification": True}})
    try:
        with pytest.raises(ApiError, match="kept its own email") as caught:
            bench.update(key(name), email=f"new.{name}@nordlys.example")
    finally:
        client.put("/config/patch", {"EmailSettings": {"RequireEmailVerification": False}})
    assert "confirm" in caught.value.hint


def test_an_administrator(bench: Bench) -> None:
    name = bench.user(roles=frozenset({ADMIN}))
    assert bench.one(key(name)).resource.roles == frozenset({ADMIN})


def test_a_guest_needs_a_licence(bench: Bench) -> None:
    name = bench.fresh("guest")
    result = bench.create(
        User(
            username=name,
            email=f"{name}@nordlys.example",
            roles=frozenset({GUEST}),
            password=PASSWORD,
        )
    )
    assert result.failed["roles"].code == "api.team.demote_user_to_guest.license.error"
    assert bench.one(key(name)).id == result.id


def test_a_name_that_is_taken_is_a_conflict(bench: Bench) -> None:
    name = bench.user()
    with pytest.raises(ApiError, match="user name is taken") as caught:
        bench.create(User(username=name, email="other@nordlys.example", password=PASSWORD))
    assert caught.value.hint
    assert caught.value.call == "POST /users"


def test_an_address_that_is_taken_is_a_conflict(bench: Bench) -> None:
    name = bench.user()
    with pytest.raises(ApiError, match="e-mail address"):
        bench.create(
            User(
                username=bench.fresh("bo"),
                email=f"{name}@nordlys.example",
                password=PASSWORD,
            )
        )


def test_a_weak_password_is_refused(bench: Bench) -> None:
    name = bench.fresh("bo")
    with pytest.raises(ApiError, match="password"):
        bench.create(User(username=name, email=f"{name}@nordlys.example", password=Secret("short")))


def test_nobody_is_made_without_a_password(bench: Bench) -> None:
    name = bench.fresh("bo")
    with pytest.raises(ServerError, match="cannot be made here") as caught:
        bench.create(User(username=name, email=f"{name}@nordlys.example"))
    assert "sso" in caught.value.hint
    assert bench.read(key(name)) == {}


def test_the_fields_change_and_nothing_else(bench: Bench) -> None:
    name = bench.user()
    bench.update(key(name), title="")
    bench.update(key(name), name="Mette")
    bench.update(key(name), email=f"new.{name}@nordlys.example")
    live = bench.one(key(name)).resource
    assert (live.title, live.name, live.email, live.active) == (
        "",
        "Mette",
        f"new.{name}@nordlys.example",
        True,
    )


def test_several_fields_are_one_call(bench: Bench) -> None:
    name = bench.user()
    bench.one(key(name))
    before = bench.calls
    bench.update(key(name), title="CTO", name="Bo Friis", email=f"b.{name}@nordlys.example")
    assert bench.calls - before == 2  # one of them reads


def test_a_rename_keeps_the_account(bench: Bench) -> None:
    old, new = bench.user(), bench.fresh("bo")
    result = bench.update(key(old), username=new)
    live = bench.one(key(new))
    assert live.id == result.id
    assert bench.read(key(old)) == {}
    assert bench.run.ids.get(Kind.USER, new) == live.id


def test_out_and_in_again(bench: Bench, site: Site) -> None:
    name = bench.user()
    bench.update(key(name), active=False)
    gone = bench.one(key(name))
    assert (gone.resource.active, gone.archived) == (False, True)
    assert not signs_in(site, name, PASSWORD)
    # A field of someone who is out can be written too.
    bench.update(key(name), title="Gone")
    bench.update(key(name), active=True, title="Back")
    back = bench.one(key(name)).resource
    assert (back.active, back.title) == (True, "Back")
    assert signs_in(site, name, PASSWORD)


def test_removing_is_deactivating_and_may_be_done_twice(bench: Bench) -> None:
    name = bench.user()
    bench.remove(key(name))
    bench.remove(key(name))
    assert bench.one(key(name)).archived


def test_other_roles_stay(bench: Bench) -> None:
    name = bench.user()
    ident = bench.one(key(name)).id
    client = bench.server.client
    client.put(f"/users/{ident}/roles", {"roles": "system_user system_post_all"})
    bench.update(key(name), roles=frozenset({ADMIN}))
    assert set(client.get(f"/users/{ident}")["roles"].split()) == {
        "system_user",
        "system_post_all",
        "system_admin",
    }
    bench.update(key(name), roles=frozenset({MEMBER}))
    assert set(client.get(f"/users/{ident}")["roles"].split()) == {
        "system_user",
        "system_post_all",
    }


def test_a_new_password(bench: Bench, site: Site) -> None:
    name = bench.user()
    other = Secret("Second-pass-word-2")
    bench.update(key(name), password=other)
    assert signs_in(site, name, other)
    assert not signs_in(site, name, PASSWORD)


def test_bots_are_nobodys_business(bench: Bench) -> None:
    client = bench.server.client
    client.put("/config/patch", {"ServiceSettings": {"EnableBotAccountCreation": True}})
    name = bench.fresh("robo")
    client.post("/bots", {"username": name, "display_name": "Robo"})
    assert key(name) not in bench.all(Kind.USER)
    assert bench.read(key(name)) == {}
    with pytest.raises(ApiError, match="perhaps by a bot"):
        bench.create(User(username=name, email=f"{name}@nordlys.example", password=PASSWORD))


def test_who_signs_in_elsewhere_cannot_be_renamed_here(bench: Bench) -> None:
    name = bench.fresh("jon")
    bench.server.client.post(
        "/users",
        {
            "username": name,
            "email": f"{name}@nordlys.example",
            "auth_service": "gitlab",
            "auth_data": name,
        },
    )
    locked = bench.one(key(name)).locked
    assert locked.keys() == {"username", "password"}
    assert "gitlab" in locked["username"]
    assert bench.one(key(bench.user())).locked == {}


def test_names_are_looked_up_in_lower_case(bench: Bench) -> None:
    name = bench.user()
    assert bench.read(key(name.upper())).keys() == {key(name)}


def test_many_are_looked_up_in_one_call(bench: Bench) -> None:
    names = [bench.user() for _ in range(3)]
    before = bench.calls
    assert len(bench.read(*(key(n) for n in names), *(key(f"no-{n}") for n in range(60)))) == 3
    assert bench.calls - before == 1
