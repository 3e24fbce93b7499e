"""Neutral settings and the server's own: both ways, and no setting with two owners."""

import json
from collections import Counter
from typing import Any

import pytest

from chatops.platforms.rocketchat.settings import (
    TABLE,
    Unfit,
    decode,
    encode,
    pristine,
    shown,
)
from chatops.platforms.rocketchat.settings.sign_in import FRESH as SAML_FRESH
from chatops.platforms.rocketchat.settings.sign_in import SERVICE_FRESH
from chatops.resources import SettingValue
from chatops.sandbox.rocketchat.settings_api import OAUTH
from chatops.sandbox.rocketchat.settings_table import TABLE as SANDBOX
from chatops.sandbox.rocketchat.settings_table import Setting as Defined
from chatops.secrets import Secret

VALUES: dict[str, list[SettingValue]] = {
    "company.name": ["Nordlys Logistics", ""],
    "company.locale": ["da", "pt-BR", ""],
    "sign_in.password.min_length": [12, 0],
    "sign_in.self_registration": [True, False],
    "sign_in.email_domains": [("a.example", "b.example"), ()],
    "smtp.host": ["mail.nordlys.example", ""],
    "smtp.port": [587, 25],
    "smtp.security": ["none", "starttls", "tls"],
    "smtp.username": ["chat", ""],
    "smtp.password": [Secret("correct horse")],
    "smtp.from": ["Nordlys chat <chat@nordlys.example>"],
    "storage.files.backend": ["local", "s3"],
    "storage.files.endpoint": ["https://s3.nordlys.example", ""],
    "storage.files.bucket": ["chat"],
    "storage.files.region": ["eu-north-1"],
    "storage.files.access_key": [Secret("AKIA0000")],
    "storage.files.secret_key": [Secret("secret0000")],
    "storage.files.max_file_size": [104857600, 1],
    "storage.message_retention": [0, 1, 365],
    "company.timezone": ["Europe/Copenhagen", ""],
    "sign_in.ldap.enabled": [True, False],
    "sign_in.ldap.host": ["ldap.nordlys.example"],
    "sign_in.ldap.port": [636],
    "sign_in.ldap.security": ["none", "starttls", "tls"],
    "sign_in.ldap.base_dn": ["ou=people,dc=nordlys,dc=example"],
    "sign_in.ldap.bind_dn": ["cn=chat,dc=nordlys,dc=example", ""],
    "sign_in.ldap.bind_password": [Secret("correct horse")],
    "sign_in.ldap.user_filter": ["(objectClass=person)"],
    "sign_in.ldap.id_attribute": ["entryUUID"],
    "sign_in.ldap.username_attribute": ["uid"],
    "sign_in.ldap.email_attribute": ["mail", "email"],
    "sign_in.ldap.name_attribute": ["displayName"],
    "sign_in.oidc.enabled": [True, False],
    "sign_in.oidc.issuer": ["https://sso.nordlys.example/realms/staff"],
    "sign_in.oidc.client_id": ["chat"],
    "sign_in.oidc.client_secret": [Secret("correct horse")],
    "sign_in.oidc.scopes": [("openid", "profile", "email"), ("openid",)],
    "sign_in.oidc.label": ["Sign in with Nordlys"],
    "sign_in.oidc.authorize_path": ["/protocol/openid-connect/auth"],
    "sign_in.oidc.token_path": ["/protocol/openid-connect/token"],
    "sign_in.oidc.identity_path": ["/protocol/openid-connect/userinfo"],
    "sign_in.saml.enabled": [True, False],
    "sign_in.saml.login_url": ["https://sso.nordlys.example/saml"],
    "sign_in.saml.logout_url": ["https://sso.nordlys.example/logout"],
    "sign_in.saml.certificate": [Secret("-----BEGIN CERTIFICATE-----\nMIIB\n")],
    "sign_in.saml.username_attribute": ["uid"],
    "sign_in.saml.email_attribute": ["mail"],
    "sign_in.saml.label": ["Nordlys"],
    "live_chat.enabled": [True, False],
    "live_chat.website": ["https://www.nordlys.example", "https://x.example:8443", ""],
    "live_chat.offline_message": ["We answer tomorrow at eight.", ""],
    "live_chat.widget.title": ["Ask Nordlys"],
    "live_chat.widget.color": ["#00aa55"],
}

KINDS: dict[str, type] = {"boolean": bool, "int": int, "timespan": int}
"""Kinds of settings that are no texts."""

CASES = [(name, value) for name, values in VALUES.items() for value in values]


def test_every_setting_is_tried() -> None:
    assert set(VALUES) == set(TABLE)


def _there() -> dict[str, Any]:
    """A server with a value of ours in each setting."""
    wire: dict[str, Any] = dict(shown({})) | {"LDAP_Server_Type": "ad", "Site_Url": "https://x"}
    wire["Livechat_display_offline_form"] = True
    wire["SAML_Custom_Default_user_data_fieldmap"] = '{"username":"username", "email":"email"}'
    for ident, setting in pristine(8):
        wire |= dict(encode(setting.name, setting.value, wire))
        assert ident in TABLE[setting.name].ids
    return wire


def _defined(ident: str) -> Defined:
    """The setting as the sandbox has it from the recorded list."""
    if ident in SANDBOX:
        return SANDBOX[ident]
    suffix = ident.removeprefix("Accounts_OAuth_Custom-Oidc")
    kind, default = next((kind, default) for end, kind, default in OAUTH if end == suffix)
    return Defined(ident, kind, default)


@pytest.mark.parametrize(("name", "value"), CASES)
def test_what_is_written_reads_back(name: str, value: SettingValue) -> None:
    before = _there()
    assert decode(name, before | dict(encode(name, value, before))) == value


@pytest.mark.parametrize(("name", "value"), CASES)
def test_what_is_written_has_the_type_that_the_server_wants(name: str, value: SettingValue) -> None:
    for ident, sent in encode(name, value, _there()).items():
        defined = _defined(ident)
        assert type(sent) is KINDS.get(defined.kind, str), ident
        assert not defined.options or sent in defined.options or sent == "", ident


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_fresh_server_holds_what_we_say(name: str) -> None:
    wire = {ident: _defined(ident).default for ident in (*TABLE[name].ids, *TABLE[name].beside)}
    wire |= {ident: SERVICE_FRESH[ident] for ident in SERVICE_FRESH if ident in wire}
    born = {setting.name: setting.value for _, setting in pristine(8)}
    # The recorded server is a branded one.
    assert decode(name, wire) == born[name] or name in ("company.name", "live_chat.widget.title")


def test_each_setting_of_the_server_has_one_owner() -> None:
    owners = Counter(i for entry in TABLE.values() for i in entry.ids if i not in entry.beside)
    assert set(owners.values()) == {1}


@pytest.mark.parametrize(("name", "value"), CASES)
def test_nothing_is_written_beyond_what_is_owned(name: str, value: SettingValue) -> None:
    assert set(encode(name, value, _there())) <= set(TABLE[name].ids)


def test_what_others_wrote_into_one_text_stays() -> None:
    ident = "SAML_Custom_Default_user_data_fieldmap"
    pattern = {"fieldNames": ["givenName", "sn"], "template": "__givenName__"}
    there = {ident: json.dumps({"username": "u", "email": "mail", "name": pattern})}
    wire = encode("sign_in.saml.username_attribute", "uid", there)
    assert json.loads(wire[ident]) == {"username": "uid", "email": "mail", "name": pattern}
    assert decode("sign_in.saml.email_attribute", {ident: "no JSON"}) == "email"


def test_the_kind_of_directory_decides_which_names_count() -> None:
    for kind, prefix in (("ad", "LDAP_AD_"), ("", "LDAP_")):
        wire = encode("sign_in.ldap.username_attribute", "uid", {"LDAP_Server_Type": kind})
        assert wire == {f"{prefix}Username_Field": "uid", f"{prefix}User_Search_Field": "uid"}


def test_a_provider_gets_names_that_it_can_send_people_back_to() -> None:
    there = dict(SAML_FRESH) | {"Site_Url": "https://chat.nordlys.example/"}
    assert encode("sign_in.saml.enabled", True, there) == {
        "SAML_Custom_Default_provider": "saml",
        "SAML_Custom_Default_issuer": "https://chat.nordlys.example/_saml/metadata/saml",
        "SAML_Custom_Default": True,
    }
    there |= {"SAML_Custom_Default_provider": "corp", "SAML_Custom_Default_issuer": "urn:chat"}
    assert encode("sign_in.saml.enabled", True, there) == {"SAML_Custom_Default": True}


@pytest.mark.parametrize(
    ("wire", "kept"),
    [
        ({"RetentionPolicy_AppliesToDMs": False}, "differs by kind of room"),
        ({"RetentionPolicy_TTL_DMs": 1000}, "differs by kind of room"),
        ({"RetentionPolicy_FilesOnly": True}, "of files alone"),
        ({"RetentionPolicy_Enabled": False}, 0),
    ],
)
def test_a_rule_that_the_language_has_no_words_for(wire: dict[str, Any], kept: object) -> None:
    there = _there() | dict(encode("storage.message_retention", 30)) | wire
    assert decode("storage.message_retention", there) == kept


def test_messages_are_not_deleted_by_half_of_a_rule() -> None:
    assert list(encode("storage.message_retention", 30))[-1] == "RetentionPolicy_Enabled"


def test_a_language_that_there_is_not() -> None:
    with pytest.raises(Unfit, match="tlh"):
        encode("company.locale", "tlh")


def test_an_open_door_with_a_secret_address_is_open() -> None:
    wire = {"Accounts_RegistrationForm": "Secret URL"}
    assert decode("sign_in.self_registration", wire) is True


def test_a_policy_that_is_off_asks_for_nothing() -> None:
    wire = {
        "Accounts_Password_Policy_MinLength": 14,
        "Accounts_Password_Policy_Enabled": False,
    }
    assert decode("sign_in.password.min_length", wire) == 0


def test_amazons_own_hosts_keep_the_bucket_in_the_name() -> None:
    assert encode("storage.files.endpoint", "https://s3.eu-north-1.amazonaws.com") == {
        "FileUpload_S3_BucketURL": "https://s3.eu-north-1.amazonaws.com",
        "FileUpload_S3_ForcePathStyle": False,
    }


def test_the_server_stores_nonsense_and_it_is_read_all_the_same() -> None:
    assert decode("smtp.port", {"SMTP_Port": "abc"}) == 0
    assert decode("company.name", {"Site_Name": None}) == ""
    assert decode("storage.files.backend", {"FileUpload_Storage_Type": "Webdav"}) == "webdav"
