"""Neutral settings and the server's own: both ways, and no setting with two owners."""

from collections import Counter
from typing import Any

import pytest

from chatops.platforms.rocketchat.settings import TABLE, Unfit, decode, encode, pristine
from chatops.resources import SettingValue
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
}

TYPES: dict[str, type] = {
    "SMTP_Port": str,
    "SMTP_IgnoreTLS": bool,
    "Accounts_Password_Policy_MinLength": int,
    "Accounts_Password_Policy_Enabled": bool,
    "FileUpload_MaxFileSize": int,
    "FileUpload_S3_ForcePathStyle": bool,
}
"""Types of the settings that are no texts, as the servers list them."""

OPTIONS = {
    "Accounts_RegistrationForm": {"Public", "Disabled", "Secret URL"},
    "SMTP_Protocol": {"smtp", "smtps"},
    "FileUpload_Storage_Type": {"GridFS", "AmazonS3", "FileSystem", "GoogleCloudStorage", "Webdav"},
}

CASES = [(name, value) for name, values in VALUES.items() for value in values]


def test_every_setting_is_tried() -> None:
    assert set(VALUES) == set(TABLE)


@pytest.mark.parametrize(("name", "value"), CASES)
def test_what_is_written_reads_back(name: str, value: SettingValue) -> None:
    before: dict[str, Any] = {}
    for ident, setting in pristine(8):
        before |= dict(encode(setting.name, setting.value))
        assert ident in TABLE[setting.name].ids
    assert decode(name, before | dict(encode(name, value))) == value


@pytest.mark.parametrize(("name", "value"), CASES)
def test_what_is_written_has_the_type_that_the_server_wants(name: str, value: SettingValue) -> None:
    for ident, sent in encode(name, value).items():
        assert type(sent) is TYPES.get(ident, str)
        assert sent in OPTIONS.get(ident, {sent})


def test_each_setting_of_the_server_has_one_owner() -> None:
    owners = Counter(ident for entry in TABLE.values() for ident in entry.ids)
    assert set(owners.values()) == {1}


@pytest.mark.parametrize(("name", "value"), CASES)
def test_nothing_is_written_beyond_what_is_owned(name: str, value: SettingValue) -> None:
    assert set(encode(name, value)) <= set(TABLE[name].ids)


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
