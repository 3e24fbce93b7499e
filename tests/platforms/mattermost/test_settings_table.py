"""The table of settings: both directions, each key with one owner."""

from collections import Counter
from typing import Any

import pytest

from chatops.platforms.mattermost.settings import MASK, SETTINGS, SWITCHES
from chatops.resources import UNKNOWN
from chatops.secrets import Secret

SAMPLES: list[tuple[str, Any]] = [
    ("company.name", "Nordlys Logistics"),
    ("company.locale", "de"),
    ("sign_in.password.min_length", 12),
    ("sign_in.self_registration", True),
    ("sign_in.email_domains", ("a.example", "b.example")),
    ("sign_in.email_domains", ()),
    ("smtp.host", "mail.nordlys.example"),
    ("smtp.host", ""),
    ("smtp.port", 587),
    ("smtp.security", "starttls"),
    ("smtp.security", "tls"),
    ("smtp.security", "none"),
    ("smtp.username", "chat"),
    ("smtp.username", ""),
    ("smtp.from", "Nordlys chat <chat@nordlys.example>"),
    ("smtp.from", "chat@nordlys.example"),
    ("storage.files.backend", "s3"),
    ("storage.files.backend", "local"),
    ("storage.files.endpoint", "https://s3.nordlys.example"),
    ("storage.files.endpoint", "http://minio:9000"),
    ("storage.files.bucket", "chat"),
    ("storage.files.region", "eu-north-1"),
    ("storage.files.access_key", Secret("an-access-key")),
    ("storage.files.max_file_size", 104_857_600),
    ("limits.people_per_team", 300),
    *((name, True) for name in SWITCHES),
    *((name, False) for name in SWITCHES),
    ("sign_in.ldap.host", "ldap.nordlys.example"),
    ("sign_in.ldap.port", 636),
    ("sign_in.ldap.security", "tls"),
    ("sign_in.ldap.base_dn", "ou=people,dc=nordlys,dc=example"),
    ("sign_in.ldap.bind_dn", "cn=chat,dc=nordlys,dc=example"),
    ("sign_in.ldap.user_filter", "(objectClass=person)"),
    ("sign_in.ldap.id_attribute", "entryUUID"),
    ("sign_in.ldap.username_attribute", "uid"),
    ("sign_in.ldap.email_attribute", "mail"),
    ("sign_in.ldap.name_attribute", "cn"),
    ("sign_in.ldap.enabled", False),
    ("sign_in.guests", True),
    ("sign_in.saml.login_url", "https://idp.nordlys.example/sso"),
    ("sign_in.saml.issuer", "https://idp.nordlys.example/metadata"),
    ("sign_in.saml.username_attribute", "username"),
    ("sign_in.saml.email_attribute", "email"),
    ("sign_in.saml.label", "Nordlys"),
    ("sign_in.saml.enabled", False),
    ("sign_in.oidc.issuer", "https://id.nordlys.example/realms/staff"),
    ("sign_in.oidc.client_id", "chat"),
    ("sign_in.oidc.scopes", ("openid", "email")),
    ("sign_in.oidc.label", "Nordlys"),
    ("sign_in.oidc.enabled", False),
    ("storage.message_retention", 0),
    ("storage.message_retention", 90),
    ("video.enabled", True),
    ("video.url", "https://meet.nordlys.example"),
    ("video.auth", "token"),
    ("video.auth", "open"),
    ("video.app_id", "chatops"),
    ("video.secret", Secret("a-secret-of-meetings")),
]


def config_of(keys: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    for key, value in keys.items():
        *sections, name = key.split(".")
        inner = config
        for section in sections:
            inner = inner.setdefault(section, {})
        inner[name] = value
    return config


@pytest.mark.parametrize(("name", "value"), SAMPLES)
def test_what_is_written_reads_back(name: str, value: Any) -> None:
    entry = SETTINGS[name]
    keys = entry.encode(value)
    assert set(keys) <= set(entry.keys)
    assert entry.decode(config_of(keys)) == value


def test_every_setting_but_the_masked_has_a_sample() -> None:
    assert SETTINGS.keys() - {name for name, _ in SAMPLES} == {
        "smtp.password",
        "sign_in.ldap.bind_password",
        "sign_in.oidc.client_secret",
        "sign_in.saml.certificate",
        "storage.files.secret_key",
    }


def test_each_product_key_has_one_owner() -> None:
    owners = Counter(key for entry in SETTINGS.values() for key in entry.keys)
    assert [key for key, count in owners.items() if count > 1] == []


@pytest.mark.parametrize("name", ["smtp.password", "storage.files.secret_key"])
def test_a_masked_secret_is_set_or_not(name: str) -> None:
    entry = SETTINGS[name]
    assert entry.encode(Secret("the-secret")) == {entry.keys[0]: "the-secret"}
    assert entry.decode(config_of({entry.keys[0]: MASK})) is UNKNOWN
    assert entry.decode(config_of({entry.keys[0]: ""})) == ""


def test_a_switch_that_is_off_reads_as_empty() -> None:
    smtp = config_of(
        {
            "EmailSettings.SMTPServer": "mail.nordlys.example",
            "EmailSettings.SendEmailNotifications": False,
            "EmailSettings.SMTPUsername": "chat",
            "EmailSettings.EnableSMTPAuth": False,
        }
    )
    assert SETTINGS["smtp.host"].decode(smtp) == ""
    assert SETTINGS["smtp.username"].decode(smtp) == ""


def test_no_mail_server_is_a_switch() -> None:
    assert SETTINGS["smtp.host"].encode("") == {"EmailSettings.SendEmailNotifications": False}


def test_two_languages_are_none() -> None:
    mixed = config_of(
        {
            "LocalizationSettings.DefaultClientLocale": "de",
            "LocalizationSettings.DefaultServerLocale": "en",
        }
    )
    assert SETTINGS["company.locale"].decode(mixed) == ""
