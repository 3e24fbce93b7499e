"""Name and language, passwords, mail, files, how long messages are kept."""

from collections.abc import Mapping
from typing import Any, Final

from chatops.platforms.rocketchat.settings.entries import (
    Entry,
    Unfit,
    Wire,
    as_int,
    as_text,
    entry,
    secret,
    text,
)
from chatops.resources import SettingValue

__all__ = ["FRESH", "GENERAL", "LANGUAGES"]

_NAMES = (
    "af ar az be-BY bg bn-BD bn-IN bs ca cs cy da de de-AT de-IN el en eo es et eu fa fi fr gl he "
    "hi hi-IN hr hu id it ja ka-GE km ko ku lo lt lv mn ms-MY nb nl nn no pl pt pt-BR ro ru se "
    "si sk-SK sl-SI sq sr sv ta-IN th-TH tr ug uk vi-VN zh zh-HK zh-TW"
)
LANGUAGES = frozenset(_NAMES.split())
"""The languages that the product is translated into."""


def _locale(value: str) -> Wire:
    by_fold = {name.casefold(): name for name in LANGUAGES}
    wanted = value.replace("_", "-").casefold()
    plain = wanted.partition("-")[0]
    near = [name for fold, name in by_fold.items() if fold.partition("-")[0] == plain]
    found = by_fold.get(wanted) or by_fold.get(plain) or (near[0] if len(near) == 1 else None)
    if value and found is None:
        raise Unfit(f"Rocket.Chat is not translated into {value!r}")
    return {"Language": found or ""}


def _min_length(wire: Wire) -> SettingValue:
    if wire["Accounts_Password_Policy_Enabled"] is not True:
        return 0
    return max(0, as_int(wire["Accounts_Password_Policy_MinLength"]))


def _write_min_length(value: int) -> Wire:
    if value <= 0:
        return {"Accounts_Password_Policy_Enabled": False}
    return {
        "Accounts_Password_Policy_MinLength": value,
        "Accounts_Password_Policy_Enabled": True,
    }


def _security(wire: Wire) -> SettingValue:
    if wire["SMTP_Protocol"] == "smtps":
        return "tls"
    return "none" if wire["SMTP_IgnoreTLS"] is True else "starttls"


def _write_security(value: str) -> Wire:
    return {
        "SMTP_Protocol": "smtps" if value == "tls" else "smtp",
        "SMTP_IgnoreTLS": value == "none",
    }


_STORES = {"GridFS": "local", "FileSystem": "local", "AmazonS3": "s3"}


def _backend(wire: Wire) -> SettingValue:
    kind = as_text(wire["FileUpload_Storage_Type"])
    return _STORES.get(kind, kind.lower())


def _write_endpoint(value: str) -> Wire:
    # Anything but Amazon's own service has the bucket in the path, not in the host's name.
    own = value != "" and not value.rstrip("/").endswith(".amazonaws.com")
    return {"FileUpload_S3_BucketURL": value, "FileUpload_S3_ForcePathStyle": own}


def _domains(value: tuple[str, ...]) -> Wire:
    return {"Accounts_AllowedDomainsList": ",".join(sorted(value))}


def _read_domains(wire: Wire) -> SettingValue:
    parts = as_text(wire["Accounts_AllowedDomainsList"]).split(",")
    return tuple(sorted({part.strip().lower() for part in parts if part.strip()}))


_DAY: Final = 24 * 60 * 60 * 1000
"""Milliseconds."""
_ROOMS: Final = ("Channels", "Groups", "DMs")
FILES_ONLY, OTHERWISE = "of files alone", "differs by kind of room"
"""Ways of the server's that the language has no words for."""


def _retention(wire: Wire) -> SettingValue:
    if wire["RetentionPolicy_Enabled"] is not True:
        return 0
    if wire["RetentionPolicy_FilesOnly"] is True:
        return FILES_ONLY
    kept = {
        as_int(wire[f"RetentionPolicy_TTL_{rooms}"])
        if wire[f"RetentionPolicy_AppliesTo{rooms}"] is True
        else 0
        for rooms in _ROOMS
    }
    (time, *others) = kept
    return OTHERWISE if others or time % _DAY else time // _DAY


def _write_retention(days: int) -> Wire:
    if days <= 0:
        return {"RetentionPolicy_Enabled": False}
    wire: dict[str, Any] = {f"RetentionPolicy_TTL_{rooms}": days * _DAY for rooms in _ROOMS}
    wire |= {f"RetentionPolicy_AppliesTo{rooms}": True for rooms in _ROOMS}
    # The switch comes last: nothing is deleted by half of a rule.
    return wire | {"RetentionPolicy_FilesOnly": False, "RetentionPolicy_Enabled": True}


def _zone(wire: Wire) -> SettingValue:
    custom = wire["Default_Timezone_For_Reporting"] == "custom"
    return as_text(wire["Default_Custom_Timezone"]) if custom else ""


def _write_zone(value: str) -> Wire:
    if not value:
        return {"Default_Timezone_For_Reporting": "server"}
    return {"Default_Custom_Timezone": value, "Default_Timezone_For_Reporting": "custom"}


GENERAL: Final[Mapping[str, Entry]] = {
    "company.name": text("Site_Name"),
    "company.locale": entry(("Language",), lambda w: as_text(w["Language"]), _locale),
    "company.timezone": entry(
        ("Default_Timezone_For_Reporting", "Default_Custom_Timezone"), _zone, _write_zone
    ),
    "sign_in.password.min_length": entry(
        ("Accounts_Password_Policy_MinLength", "Accounts_Password_Policy_Enabled"),
        _min_length,
        _write_min_length,
    ),
    # "Secret URL" still lets people in who know the address: it counts as open.
    "sign_in.self_registration": entry(
        ("Accounts_RegistrationForm",),
        lambda w: w["Accounts_RegistrationForm"] != "Disabled",
        lambda v: {"Accounts_RegistrationForm": "Public" if v else "Disabled"},
    ),
    "sign_in.email_domains": entry(("Accounts_AllowedDomainsList",), _read_domains, _domains),
    "smtp.host": text("SMTP_Host"),
    # The port is a text on this server.
    "smtp.port": entry(
        ("SMTP_Port",), lambda w: as_int(w["SMTP_Port"]), lambda v: {"SMTP_Port": str(v)}
    ),
    "smtp.security": entry(("SMTP_Protocol", "SMTP_IgnoreTLS"), _security, _write_security),
    "smtp.username": text("SMTP_Username"),
    "smtp.password": secret("SMTP_Password"),
    "smtp.from": text("From_Email"),
    "storage.files.backend": entry(
        ("FileUpload_Storage_Type",),
        _backend,
        lambda v: {"FileUpload_Storage_Type": "AmazonS3" if v == "s3" else "GridFS"},
    ),
    "storage.files.endpoint": entry(
        ("FileUpload_S3_BucketURL", "FileUpload_S3_ForcePathStyle"),
        lambda w: as_text(w["FileUpload_S3_BucketURL"]),
        _write_endpoint,
    ),
    "storage.files.bucket": text("FileUpload_S3_Bucket"),
    "storage.files.region": text("FileUpload_S3_Region"),
    "storage.files.access_key": secret("FileUpload_S3_AWSAccessKeyId"),
    "storage.files.secret_key": secret("FileUpload_S3_AWSSecretAccessKey"),
    "storage.files.max_file_size": entry(
        ("FileUpload_MaxFileSize",),
        lambda w: as_int(w["FileUpload_MaxFileSize"]),
        lambda v: {"FileUpload_MaxFileSize": v},
    ),
    "storage.message_retention": entry(
        (
            "RetentionPolicy_Enabled",
            "RetentionPolicy_FilesOnly",
            *(f"RetentionPolicy_AppliesTo{rooms}" for rooms in _ROOMS),
            *(f"RetentionPolicy_TTL_{rooms}" for rooms in _ROOMS),
        ),
        _retention,
        _write_retention,
    ),
}

FRESH: Final[Wire] = {
    "Site_Name": "Rocket.Chat",
    "Language": "",
    "Accounts_Password_Policy_MinLength": 14,
    "Accounts_Password_Policy_Enabled": True,
    "Accounts_RegistrationForm": "Public",
    "Accounts_AllowedDomainsList": "",
    "SMTP_Host": "",
    "SMTP_Port": "",
    "SMTP_Protocol": "smtp",
    "SMTP_IgnoreTLS": True,
    "SMTP_Username": "",
    "SMTP_Password": "",
    "From_Email": "",
    "FileUpload_Storage_Type": "GridFS",
    "FileUpload_S3_BucketURL": "",
    "FileUpload_S3_ForcePathStyle": False,
    "FileUpload_S3_Bucket": "",
    "FileUpload_S3_Region": "",
    "FileUpload_S3_AWSAccessKeyId": "",
    "FileUpload_S3_AWSSecretAccessKey": "",
    "FileUpload_MaxFileSize": 104857600,
    "RetentionPolicy_Enabled": False,
    "RetentionPolicy_FilesOnly": False,
    "RetentionPolicy_AppliesToChannels": False,
    "RetentionPolicy_AppliesToGroups": False,
    "RetentionPolicy_AppliesToDMs": False,
    "RetentionPolicy_TTL_Channels": 30 * _DAY,
    "RetentionPolicy_TTL_Groups": 30 * _DAY,
    "RetentionPolicy_TTL_DMs": 30 * _DAY,
    "Default_Timezone_For_Reporting": "server",
    "Default_Custom_Timezone": "",
}
"""What a fresh server holds."""
