"""The table of settings: what the spec calls one, and which keys of Mattermost's config it is.

Each product key has one owner here. `decode` reads a whole config, `encode` gives the keys to
write for a value. Where a value also needs a switch (mail on, SMTP sign-in on), a switch that
stands wrong reads as "empty", so that a plan sees it.
"""

import re
from collections.abc import Iterator, Mapping

from chatops.platforms.mattermost.entries import (
    MASK,
    Config,
    Entry,
    Keys,
    masked,
    plain,
    read_key,
    shown,
)
from chatops.platforms.mattermost.licensed import licensed
from chatops.platforms.mattermost.meetings import meetings

__all__ = ["MASK", "SETTINGS", "SWITCHES", "Config", "Entry", "mailbox", "read_key"]


def mailbox(text: str) -> tuple[str, str]:
    """A sender as people write it, taken apart: `Chat <chat@a.example>` → name, address."""
    match = re.fullmatch(r"\s*(.*?)\s*<([^<>]*)>\s*", text, re.DOTALL)
    if match is None:
        return "", text.strip()
    return " ".join(match[1].strip('"').split()), match[2].strip()


def _domains(config: Config) -> tuple[str, ...]:
    text = str(read_key(config, "TeamSettings.RestrictCreationToDomains"))
    return tuple(sorted({part.strip("@").lower() for part in re.split(r"[,\s]+", text) if part}))


def _smtp_host(config: Config) -> str:
    on = read_key(config, "EmailSettings.SendEmailNotifications", False)
    return str(read_key(config, "EmailSettings.SMTPServer")) if on else ""


def _smtp_host_keys(value: str) -> Keys:
    # A server without a name is given one again (`localhost`), so the switch alone says no mail.
    named = {"EmailSettings.SMTPServer": value} if value else {}
    return {**named, "EmailSettings.SendEmailNotifications": bool(value)}


def _smtp_port(config: Config) -> int:
    text = str(read_key(config, "EmailSettings.SMTPPort"))
    return int(text) if text.isdecimal() else 0


_SECURITY = {"none": "", "starttls": "STARTTLS", "tls": "TLS"}


def _smtp_security(config: Config) -> str:
    held = str(read_key(config, "EmailSettings.ConnectionSecurity"))
    return next((ours for ours, theirs in _SECURITY.items() if theirs == held), "none")


def _smtp_username(config: Config) -> str:
    on = read_key(config, "EmailSettings.EnableSMTPAuth", False)
    return str(read_key(config, "EmailSettings.SMTPUsername")) if on else ""


def _smtp_from(config: Config) -> str:
    name = " ".join(str(read_key(config, "EmailSettings.FeedbackName")).split())
    address = str(read_key(config, "EmailSettings.FeedbackEmail"))
    return f"{name} <{address}>" if name and address else address


def _from_keys(value: str) -> Keys:
    name, address = mailbox(value)
    return {
        "EmailSettings.FeedbackName": name,
        "EmailSettings.FeedbackEmail": address,
        "EmailSettings.ReplyToAddress": address,
    }


def _backend(config: Config) -> str:
    driver = str(read_key(config, "FileSettings.DriverName", "local"))
    return {"amazons3": "s3"}.get(driver, driver)


def _endpoint(config: Config) -> str:
    host = str(read_key(config, "FileSettings.AmazonS3Endpoint"))
    if not host:
        return ""
    return f"http{'s' if read_key(config, 'FileSettings.AmazonS3SSL', True) else ''}://{host}"


def _endpoint_keys(value: str) -> Keys:
    scheme, _, host = value.rpartition("://")
    return {
        "FileSettings.AmazonS3Endpoint": host.rstrip("/") or "s3.amazonaws.com",
        "FileSettings.AmazonS3SSL": scheme != "http",
    }


SWITCHES: Mapping[str, str] = {
    "integrations.incoming_webhooks": "EnableIncomingWebhooks",
    "integrations.outgoing_webhooks": "EnableOutgoingWebhooks",
    "integrations.slash_commands": "EnableCommands",
    "integrations.bots": "EnableBotAccountCreation",
    "integrations.emoji": "EnableCustomEmoji",
    "integrations.other_names": "EnablePostUsernameOverride",
    "integrations.other_pictures": "EnablePostIconOverride",
}
"""What must be on for the lists of the file: switched on with the first of a kind, never off."""


def _table() -> Iterator[Entry]:
    yield plain("company.name", "TeamSettings.SiteName")
    yield Entry(
        name="company.locale",
        keys=(
            "LocalizationSettings.DefaultClientLocale",
            "LocalizationSettings.DefaultServerLocale",
        ),
        decode=lambda config: (
            read_key(config, "LocalizationSettings.DefaultClientLocale")
            if read_key(config, "LocalizationSettings.DefaultClientLocale")
            == read_key(config, "LocalizationSettings.DefaultServerLocale")
            else ""
        ),
        encode=lambda value: {
            "LocalizationSettings.DefaultClientLocale": value,
            "LocalizationSettings.DefaultServerLocale": value,
        },
    )
    yield plain("sign_in.password.min_length", "PasswordSettings.MinimumLength", 0)
    yield plain("sign_in.self_registration", "TeamSettings.EnableOpenServer", False)
    yield Entry(
        name="sign_in.email_domains",
        keys=("TeamSettings.RestrictCreationToDomains",),
        decode=_domains,
        encode=lambda value: {"TeamSettings.RestrictCreationToDomains": ",".join(value)},
    )
    yield Entry(
        name="smtp.host",
        keys=("EmailSettings.SMTPServer", "EmailSettings.SendEmailNotifications"),
        decode=_smtp_host,
        encode=_smtp_host_keys,
    )
    yield Entry(
        name="smtp.port",
        keys=("EmailSettings.SMTPPort",),
        decode=_smtp_port,
        encode=lambda value: {"EmailSettings.SMTPPort": str(value)},
    )
    yield Entry(
        name="smtp.security",
        keys=("EmailSettings.ConnectionSecurity",),
        decode=_smtp_security,
        encode=lambda value: {"EmailSettings.ConnectionSecurity": _SECURITY[value]},
    )
    yield Entry(
        name="smtp.username",
        keys=("EmailSettings.SMTPUsername", "EmailSettings.EnableSMTPAuth"),
        decode=_smtp_username,
        encode=lambda value: {
            "EmailSettings.SMTPUsername": value,
            "EmailSettings.EnableSMTPAuth": bool(value),
        },
    )
    yield masked("smtp.password", "EmailSettings.SMTPPassword")
    yield Entry(
        name="smtp.from",
        keys=(
            "EmailSettings.FeedbackName",
            "EmailSettings.FeedbackEmail",
            "EmailSettings.ReplyToAddress",
        ),
        decode=_smtp_from,
        encode=_from_keys,
    )
    yield Entry(
        name="storage.files.backend",
        keys=("FileSettings.DriverName",),
        decode=_backend,
        encode=lambda value: {"FileSettings.DriverName": {"s3": "amazons3"}.get(value, value)},
    )
    yield Entry(
        name="storage.files.endpoint",
        keys=("FileSettings.AmazonS3Endpoint", "FileSettings.AmazonS3SSL"),
        decode=_endpoint,
        encode=_endpoint_keys,
    )
    yield plain("storage.files.bucket", "FileSettings.AmazonS3Bucket")
    yield plain("storage.files.region", "FileSettings.AmazonS3Region")
    yield shown("storage.files.access_key", "FileSettings.AmazonS3AccessKeyId")
    yield masked("storage.files.secret_key", "FileSettings.AmazonS3SecretAccessKey")
    yield plain("storage.files.max_file_size", "FileSettings.MaxFileSize", 0)
    yield plain("limits.people_per_team", "TeamSettings.MaxUsersPerTeam", 0)
    yield from licensed()
    yield from meetings()
    for name, key in SWITCHES.items():
        yield plain(name, f"ServiceSettings.{key}", False)


SETTINGS: Mapping[str, Entry] = {entry.name: entry for entry in _table()}
