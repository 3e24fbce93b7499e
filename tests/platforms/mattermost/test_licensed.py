"""What a licence brings, on a sandbox that poses with one: written from the vendor's source.

Sign-in and retention are settings like any other, which a server without a licence keeps as well;
these run against a real one too.
"""

from collections.abc import Iterator

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Can, Release
from chatops.platforms.mattermost import PLATFORM
from chatops.platforms.mattermost.settings import SETTINGS
from chatops.resources import (
    GUEST,
    MEMBER,
    UNKNOWN,
    Channel,
    ChannelMembers,
    Key,
    Kind,
    Setting,
    TeamMembers,
    User,
)
from chatops.secrets import Secret

from .conftest import PASSWORD, Bench, Own

CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUQ2hhdG9wcyBjb250cmFjdCB0ZXN0IGlkcDAKBggqhkjO
-----END CERTIFICATE-----
"""
WAYS = {
    "ldap": {
        "host": "ldap.nordlys.example",
        "port": 636,
        "security": "tls",
        "base_dn": "ou=people,dc=nordlys,dc=example",
        "bind_dn": "cn=chat,dc=nordlys,dc=example",
        "bind_password": Secret("the-secret-of-the-directory"),
        "user_filter": "(objectClass=person)",
        "id_attribute": "entryUUID",
        "username_attribute": "uid",
        "email_attribute": "mail",
        "name_attribute": "cn",
    },
    "oidc": {
        "issuer": "https://id.nordlys.example/realms/staff",
        "client_id": "chat",
        "client_secret": Secret("the-secret-of-the-provider"),
        "scopes": ("openid", "email"),
        "label": "Nordlys",
    },
    "saml": {
        "login_url": "https://idp.nordlys.example/sso",
        "issuer": "https://idp.nordlys.example/metadata",
        "certificate": Secret(CERTIFICATE),
        "username_attribute": "username",
        "email_attribute": "email",
        "label": "Nordlys",
    },
}


def key(name: str) -> Key:
    return Key(Kind.SETTING, name)


@pytest.fixture
def tidy(bench: Bench) -> Iterator[Bench]:
    """Every way of sign-in is off again afterwards."""
    yield bench
    off = {"Enable": False}
    sections = ("LdapSettings", "OpenIdSettings", "SamlSettings")
    bench.server.client.put("/config/patch", dict.fromkeys(sections, off))


@pytest.mark.parametrize("way", WAYS)
def test_a_way_of_sign_in_is_set_up_and_then_switched_on(tidy: Bench, way: str) -> None:
    """In the order in which a run makes changes: the switch comes last."""
    if way != "oidc":
        empty = {"LdapServer": "", "IdpURL": ""}
        tidy.server.client.put("/config/patch", {"LdapSettings": empty, "SamlSettings": empty})
        with pytest.raises(ApiError, match=r"\S"):
            tidy.update(key(f"sign_in.{way}.enabled"), value=True)
    for name, value in WAYS[way].items():
        tidy.update(key(f"sign_in.{way}.{name}"), value=value)
    tidy.update(key(f"sign_in.{way}.enabled"), value=True)
    for name, value in WAYS[way].items():
        shown = tidy.one(key(f"sign_in.{way}.{name}")).resource.value
        assert shown == (UNKNOWN if isinstance(value, Secret) else value), name
    assert tidy.one(key(f"sign_in.{way}.enabled")).resource.value is True


def test_what_a_saml_provider_sends_must_be_signed(tidy: Bench) -> None:
    for name, value in WAYS["saml"].items():
        tidy.update(key(f"sign_in.saml.{name}"), value=value)
    tidy.update(key("sign_in.saml.enabled"), value=True)
    held = tidy.server.client.get("/config")
    saml, site = held["SamlSettings"], held["ServiceSettings"]["SiteURL"]
    assert (saml["Verify"], saml["Encrypt"]) == (True, False)
    assert saml["AssertionConsumerServiceURL"] == f"{site}/login/sso/saml"


def test_old_messages_are_kept_for_days_or_for_ever(bench: Bench) -> None:
    name = key("storage.message_retention")
    bench.update(name, value=1_095)
    assert bench.one(name).resource.value == 1_095
    bench.update(name, value=30)
    assert bench.one(name).resource.value == 30
    bench.update(name, value=0)
    assert bench.one(name).resource.value == 0


def test_what_each_edition_has() -> None:
    names = [n for n in SETTINGS if n.startswith(("sign_in.ldap", "sign_in.oidc", "sign_in.saml"))]
    free, entry, full = (
        PLATFORM.facts(Release((11, 7), edition)) for edition in ("team", "entry", "enterprise")
    )
    for name in names:
        assert free.cell(f"setting.{name}").can is Can.PAID, name
        assert entry.cell(f"setting.{name}").held and full.cell(f"setting.{name}").held, name
    retention = "setting.storage.message_retention"
    assert not free.cell(retention).held and not entry.cell(retention).held
    assert full.cell(retention).held and free.so_anyway(retention, 0)


def test_a_directory_is_told_what_it_must_be() -> None:
    facts = PLATFORM.facts(Release((11, 7), "enterprise"))
    implied = facts.implied((Setting(name="sign_in.ldap.enabled", value=True),))
    assert {r.name for r in implied if isinstance(r, Setting)} == {
        f"sign_in.ldap.{n}_attribute" for n in ("id", "username", "email", "name")
    }
    guest = User(username="eva", roles=frozenset({GUEST}))
    assert [r.name for r in facts.implied((guest,)) if isinstance(r, Setting)] == ["sign_in.guests"]


@pytest.fixture
def paid(own: Own) -> Bench:
    _, bench = own(licence="enterprise")
    assert bench.server.release.edition == "enterprise"
    return bench


def test_a_guest_is_made_and_made_a_member_again(paid: Bench) -> None:
    name = paid.fresh("eva")
    wish = User(
        username=name,
        email=f"{name}@nordlys.example",
        roles=frozenset({GUEST}),
        password=PASSWORD,
    )
    assert "switched off" in paid.create(wish).failed["roles"].message
    paid.update(key("sign_in.guests"), value=True)
    paid.update(wish.key, roles=frozenset({GUEST}))
    assert paid.one(wish.key).resource.roles == {GUEST}
    team = paid.team()
    channel = paid.channel(team)
    paid.create(TeamMembers(team=team, members=frozenset({name})))
    paid.create(ChannelMembers(team=team, channel=channel, members=frozenset({name})))
    assert paid.members(team, "town-square") == set()
    assert paid.members(team, channel) == {name}
    paid.update(wish.key, roles=frozenset({MEMBER}))
    assert paid.one(wish.key).resource.roles == {MEMBER}


def test_what_guests_may_is_a_matter_of_the_licence_too(bench: Bench, paid: Bench) -> None:
    guests = Key(Kind.ROLE, GUEST)
    may = paid.one(guests).resource.may
    paid.update(guests, may=may - {"direct_message.create"})
    assert paid.one(guests).resource.may == may - {"direct_message.create"}
    with pytest.raises(ApiError, match="edition"):
        bench.update(guests, may=bench.one(guests).resource.may - {"direct_message.create"})


def test_only_leads_write_until_everybody_does(paid: Bench) -> None:
    team, (ida, bo) = paid.staffed(2)
    name = paid.fresh("news")
    paid.create(Channel(team=team, name=name, posting="leads"))
    paid.create(
        ChannelMembers(
            team=team, channel=name, members=frozenset({ida, bo}), leads=frozenset({ida})
        )
    )
    place = Key(Kind.CHANNEL, f"{team}/{name}")
    assert paid.one(place).resource.posting == "leads"
    assert paid.all(Kind.CHANNEL)[place].resource.posting == "leads"
    paid.update(place, posting="everyone")
    assert paid.one(place).resource.posting == "everyone"
    rows = paid.server.client.get(f"/channels/{paid.run.ids.get(*(Kind.CHANNEL, place.name))}")
    assert rows["scheme_id"] is None
