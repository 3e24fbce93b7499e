"""Settings on a server."""

from collections.abc import Callable

import pytest

from chatops.errors import ApiError
from chatops.platforms.base import Credential, Run
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.handlers.settings import Settings
from chatops.resources import UNKNOWN, Ids, Key, Kind, Setting
from chatops.sandbox.server import Sandbox
from chatops.secrets import Secret
from tests.platforms.rocketchat.conftest import NETWORK, Bench
from tests.platforms.rocketchat.replay import line, recorded, replay
from tests.platforms.rocketchat.test_settings_table import VALUES


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_setting_reads_back_as_written(bench: Bench, name: str) -> None:
    before = bench.value(name)
    for value in VALUES[name]:
        bench.set(name, value)
        assert bench.value(name) == value
    bench.set(name, before)
    assert bench.value(name) == before


def test_reading_all_is_one_call(bench: Bench) -> None:
    calls = bench.calls
    found = bench.all(Kind.SETTING)
    assert bench.calls == calls + 1
    assert {key.name for key in found} == set(VALUES)


def test_a_secret_hides_itself(bench: Bench) -> None:
    bench.set("smtp.password", Secret("correct horse battery"))
    value = bench.value("smtp.password")
    assert isinstance(value, Secret)
    assert "horse" not in repr(bench.one(Key(Kind.SETTING, "smtp.password")))
    bench.set("smtp.password", Secret(""))
    assert bench.value("smtp.password") == ""


def test_settings_of_other_products_are_not_there(bench: Bench) -> None:
    assert bench.read(Key(Kind.SETTING, "limits.people_per_team")) == {}
    with pytest.raises(ApiError):
        bench.create(Setting(name="limits.people_per_team", value=500))


def test_a_language_that_there_is_not_is_never_sent(bench: Bench) -> None:
    with pytest.raises(ApiError, match="translated"):
        bench.create(Setting(name="company.locale", value="tlh"))
    assert bench.value("company.locale") != "tlh"


OIDC = "Accounts_OAuth_Custom-Oidc"


def _raw(bench: Bench) -> dict[str, object]:
    rows = bench.server.client.every("settings", "settings")
    return {row["_id"]: row.get("value") for row in rows}


def test_a_sign_in_service_is_made_when_it_is_needed(
    own: Callable[..., tuple[Sandbox, Bench]],
) -> None:
    _, bench = own()
    assert OIDC not in _raw(bench)
    assert bench.value("sign_in.oidc.issuer") == ""
    assert bench.value("sign_in.oidc.enabled") is False
    bench.set("sign_in.oidc.issuer", "https://sso.nordlys.example")
    wire = _raw(bench)
    assert wire[f"{OIDC}-url"] == "https://sso.nordlys.example"
    assert wire[OIDC] is False, "a service with nothing set is not offered to people"
    bench.set("sign_in.oidc.enabled", True)
    wire = _raw(bench)
    assert (wire[OIDC], wire[f"{OIDC}-merge_users"]) == (True, True)
    assert wire[f"{OIDC}-token_sent_via"] == "header"
    bench.set("sign_in.oidc.enabled", False)
    assert _raw(bench)[OIDC] is False


def test_a_provider_is_told_where_people_come_back(
    own: Callable[..., tuple[Sandbox, Bench]],
) -> None:
    _, bench = own()
    client = bench.server.client
    client.post("settings/Site_Url", {"value": "https://chat.nordlys.example"})
    bench.set("sign_in.saml.enabled", True)
    wire = _raw(bench)
    assert wire["SAML_Custom_Default_provider"] == "saml"
    there = "https://chat.nordlys.example/_saml/metadata/saml"
    assert wire["SAML_Custom_Default_issuer"] == there


def test_a_setting_that_is_hidden_is_told_and_left_alone() -> None:
    rows = [{"_id": "Site_Name", "value": "x"}]
    answer = {"settings": rows, "total": 1, "count": 1, "offset": 0, "success": True}
    with replay([line("GET", "settings", answer)]) as server:
        handler = Settings(Client(server.url, NETWORK, Credential()), "")
        found = {live.key.name: live for live in handler.read(None, Ids())}
    assert found["company.name"].resource.value == "x"
    ldap = found["sign_in.ldap.username_attribute"]
    assert ldap.resource.value is UNKNOWN
    assert "SETTINGS_HIDDEN" in ldap.locked["value"]
    assert found["sign_in.oidc.issuer"].resource.value == "", "not made, so not hidden"


def test_a_service_is_made_as_a_real_server_wants_it() -> None:
    """Recorded: with the second factor each time; a setting that is not there gets a bare no."""
    step = "settings.addCustomOAuth [with x-2fa-code sha256(password)]"
    missing = line("POST", f"settings/{OIDC}-url", {"success": False}, 400)
    done = line("POST", f"settings/{OIDC}-url", {"success": True})
    lines = [
        recorded("8.3")[step],
        missing,
        done,
        line("POST", f"settings/{OIDC}", {"success": True}),
    ]
    with replay(lines) as server:
        credential = Credential(username="rcadmin", password=Secret("pass word"))
        handler = Settings(Client(server.url, NETWORK, credential), "")
        setting = Setting(name="sign_in.oidc.issuer", value="https://sso.example")
        handler.create(setting, Run(ids=Ids()))
        (made,) = server.sent("POST settings.addCustomOAuth")
        sent = [call.path.rpartition("/")[2] for call in server.calls]
    assert made.body == {"name": "Oidc"}
    assert made.headers["x-2fa-method"] == "password"
    assert sent == [f"{OIDC}-url", "settings.addCustomOAuth", OIDC, f"{OIDC}-url"]
