"""The table: each neutral setting, and the settings of Rocket.Chat that hold it.

Ids, types and defaults as `GET settings` of 6.5 and 8.3 lists them. The server stores whatever
it is sent, of any type, so what is encoded here is already what the server expects.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from chatops.resources import Setting, SettingValue
from chatops.secrets import Secret

__all__ = ["LANGUAGES", "TABLE", "Unfit", "Wire", "decode", "encode", "pristine"]

Wire: TypeAlias = Mapping[str, Any]
"""Values by the server's own ids."""


class Unfit(ValueError):
    """A value that the server would store and then not understand."""


_NAMES = (
    "af ar az be-BY bg bn-BD bn-IN bs ca cs cy da de de-AT de-IN el en eo es et eu fa fi fr gl he "
    "hi hi-IN hr hu id it ja ka-GE km ko ku lo lt lv mn ms-MY nb nl nn no pl pt pt-BR ro ru se "
    "si sk-SK sl-SI sq sr sv ta-IN th-TH tr ug uk vi-VN zh zh-HK zh-TW"
)
LANGUAGES = frozenset(_NAMES.split())
"""The languages that the product is translated into."""


@dataclass(frozen=True)
class Entry:
    """One neutral setting: the server's ids it owns, and both directions."""

    ids: tuple[str, ...]
    read: Callable[[Wire], SettingValue]
    write: Callable[[Any], Wire]


def _text(ident: str) -> Entry:
    return Entry((ident,), lambda w: _str(w[ident]), lambda v: {ident: v})


def _secret(ident: str) -> Entry:
    def read(wire: Wire) -> SettingValue:
        value = _str(wire[ident])
        return Secret(value) if value else ""

    def write(value: Any) -> Wire:
        return {ident: value.reveal() if isinstance(value, Secret) else value}

    return Entry((ident,), read, write)


def _str(value: Any) -> str:
    return "" if value is None else str(value)


def _int(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


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
    return max(0, _int(wire["Accounts_Password_Policy_MinLength"]))


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
    kind = _str(wire["FileUpload_Storage_Type"])
    return _STORES.get(kind, kind.lower())


def _write_endpoint(value: str) -> Wire:
    # Anything but Amazon's own service has the bucket in the path, not in the host's name.
    own = value != "" and not value.rstrip("/").endswith(".amazonaws.com")
    return {"FileUpload_S3_BucketURL": value, "FileUpload_S3_ForcePathStyle": own}


def _domains(value: tuple[str, ...]) -> Wire:
    return {"Accounts_AllowedDomainsList": ",".join(sorted(value))}


def _read_domains(wire: Wire) -> SettingValue:
    parts = _str(wire["Accounts_AllowedDomainsList"]).split(",")
    return tuple(sorted({part.strip().lower() for part in parts if part.strip()}))


TABLE: Mapping[str, Entry] = {
    "company.name": _text("Site_Name"),
    "company.locale": Entry(("Language",), lambda w: _str(w["Language"]), _locale),
    "sign_in.password.min_length": Entry(
        ("Accounts_Password_Policy_MinLength", "Accounts_Password_Policy_Enabled"),
        _min_length,
        _write_min_length,
    ),
    # "Secret URL" still lets people in who know the address: it counts as open.
    "sign_in.self_registration": Entry(
        ("Accounts_RegistrationForm",),
        lambda w: w["Accounts_RegistrationForm"] != "Disabled",
        lambda v: {"Accounts_RegistrationForm": "Public" if v else "Disabled"},
    ),
    "sign_in.email_domains": Entry(("Accounts_AllowedDomainsList",), _read_domains, _domains),
    "smtp.host": _text("SMTP_Host"),
    # The port is a text on this server.
    "smtp.port": Entry(
        ("SMTP_Port",), lambda w: _int(w["SMTP_Port"]), lambda v: {"SMTP_Port": str(v)}
    ),
    "smtp.security": Entry(("SMTP_Protocol", "SMTP_IgnoreTLS"), _security, _write_security),
    "smtp.username": _text("SMTP_Username"),
    "smtp.password": _secret("SMTP_Password"),
    "smtp.from": _text("From_Email"),
    "storage.files.backend": Entry(
        ("FileUpload_Storage_Type",),
        _backend,
        lambda v: {"FileUpload_Storage_Type": "AmazonS3" if v == "s3" else "GridFS"},
    ),
    "storage.files.endpoint": Entry(
        ("FileUpload_S3_BucketURL", "FileUpload_S3_ForcePathStyle"),
        lambda w: _str(w["FileUpload_S3_BucketURL"]),
        _write_endpoint,
    ),
    "storage.files.bucket": _text("FileUpload_S3_Bucket"),
    "storage.files.region": _text("FileUpload_S3_Region"),
    "storage.files.access_key": _secret("FileUpload_S3_AWSAccessKeyId"),
    "storage.files.secret_key": _secret("FileUpload_S3_AWSSecretAccessKey"),
    "storage.files.max_file_size": Entry(
        ("FileUpload_MaxFileSize",),
        lambda w: _int(w["FileUpload_MaxFileSize"]),
        lambda v: {"FileUpload_MaxFileSize": v},
    ),
}

_DEFAULTS: Wire = {
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
}


def decode(name: str, wire: Wire) -> SettingValue:
    """The neutral value of a setting. Raises KeyError when the server hides a part of it."""
    return TABLE[name].read(wire)


def encode(name: str, value: SettingValue) -> Wire:
    """What to write, by the server's ids. Raises Unfit."""
    return TABLE[name].write(value)


def pristine(major: int) -> Iterator[tuple[str, Setting]]:
    """Each setting of a fresh server, with the server's id of it."""
    wire = dict(_DEFAULTS)
    if major < 7:
        # 6.5: the policy is off and asks for 7; 8.3: on, 14.
        wire["Accounts_Password_Policy_Enabled"] = False
    for name, entry in TABLE.items():
        yield entry.ids[0], Setting(name=name, value=entry.read(wire))
