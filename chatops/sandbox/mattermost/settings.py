"""The server's settings: what a fresh 11.6 has, what its environment locks, what it hides.

Only what a company would set is here; a setting that is not listed counts as unknown and falls
out of a patch, as an unknown one does on a real server.
"""

import copy
import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.words import new_id
from chatops.sandbox.store import Doc

MASK = "*" * 32

# The recorded server had these from its environment: a patch answers 200 and changes nothing.
LOCKED: dict[str, tuple[str, ...]] = {
    "FileSettings": ("Directory",),
    "LogSettings": ("EnableConsole", "EnableDiagnostics"),
    "PluginSettings": ("Enable",),
    "ServiceSettings": (
        "EnableLocalMode",
        "EnableSecurityFixAlert",
        "EnableUserAccessTokens",
        "ListenAddress",
        "LocalModeSocketLocation",
        "SiteURL",
    ),
    "SqlSettings": ("DataSource", "DriverName"),
}
SECRET: dict[str, tuple[str, ...]] = {
    "EmailSettings": ("SMTPPassword",),
    "FileSettings": ("PublicLinkSalt", "AmazonS3SecretAccessKey", "ExportAmazonS3SecretAccessKey"),
    "SqlSettings": ("DataSource", "AtRestEncryptKey"),
    "GitLabSettings": ("Secret",),
    "GoogleSettings": ("Secret",),
    "Office365Settings": ("Secret",),
    "OpenIdSettings": ("Secret",),
    "LdapSettings": ("BindPassword",),
    "ElasticsearchSettings": ("Password",),
    "ServiceSettings": ("SplitKey",),
}

# What must hold of a value: the check, and the end of the error's identifier.
_CHECKS: dict[tuple[str, str], tuple[Callable[[Any], object], str]] = {
    ("TeamSettings", "MaxUsersPerTeam"): (lambda v: v > 0, "max_users"),
    ("TeamSettings", "MaxChannelsPerTeam"): (lambda v: v > 0, "max_channels"),
    ("TeamSettings", "UserStatusAwayTimeout"): (lambda v: v > 0, "user_status_away_timeout"),
    ("TeamSettings", "MaxNotificationsPerChannel"): (lambda v: v > 0, "max_notify_per_channel"),
    ("TeamSettings", "RestrictDirectMessage"): (
        lambda v: v in ("any", "team"),
        "restrict_direct_message",
    ),
    ("TeamSettings", "TeammateNameDisplay"): (
        lambda v: v in ("full_name", "nickname_full_name", "username"),
        "teammate_name_display",
    ),
    ("TeamSettings", "SiteName"): (lambda v: len(v.encode()) <= 30, "sitename_length"),
    ("TeamSettings", "ExperimentalViewArchivedChannels"): (
        lambda v: v,
        "experimental_view_archived_channels",
    ),
    ("FileSettings", "MaxFileSize"): (lambda v: v > 0, "max_file_size"),
    ("FileSettings", "DriverName"): (lambda v: v in ("local", "amazons3"), "file_driver"),
    ("FileSettings", "PublicLinkSalt"): (lambda v: not v or len(v) >= 32, "file_salt"),
    ("FileSettings", "AmazonS3RequestTimeoutMilliseconds"): (lambda v: v > 0, "amazons3_timeout"),
    ("EmailSettings", "ConnectionSecurity"): (
        lambda v: v in ("", "TLS", "STARTTLS", "PLAIN"),
        "email_security",
    ),
    ("EmailSettings", "EmailBatchingBufferSize"): (
        lambda v: v > 0,
        "email_batching_buffer_size",
    ),
    ("EmailSettings", "EmailBatchingInterval"): (lambda v: v >= 30, "email_batching_interval"),
    ("EmailSettings", "EmailNotificationContentsType"): (
        lambda v: v in ("full", "generic"),
        "email_notification_contents_type",
    ),
    ("PasswordSettings", "MinimumLength"): (lambda v: 5 <= v <= 72, "password_length"),
    ("RateLimitSettings", "MemoryStoreSize"): (lambda v: v > 0, "rate_mem"),
    ("RateLimitSettings", "PerSec"): (lambda v: v > 0, "rate_sec"),
    ("RateLimitSettings", "MaxBurst"): (lambda v: v > 0, "max_burst"),
    ("ServiceSettings", "MaximumLoginAttempts"): (lambda v: v > 0, "login_attempts"),
    ("ServiceSettings", "SiteURL"): (
        lambda v: not v or v.startswith(("http://", "https://")),
        "site_url",
    ),
    ("ServiceSettings", "WebsocketURL"): (
        lambda v: not v or v.startswith(("ws://", "wss://")),
        "websocket_url",
    ),
}


# What must be there before a way of sign-in is switched on (tried on 11.2).
_SIGN_IN = (
    ("LdapSettings", "LdapServer", "ldap_server"),
    ("LdapSettings", "BaseDN", "ldap_basedn"),
    ("LdapSettings", "EmailAttribute", "ldap_email"),
    ("LdapSettings", "UsernameAttribute", "ldap_username"),
    ("LdapSettings", "IdAttribute", "ldap_id"),
    ("LdapSettings", "LoginIdAttribute", "ldap_login_id"),
    ("SamlSettings", "IdpURL", "saml_idp_url.app_error"),
    ("SamlSettings", "IdpDescriptorURL", "saml_idp_descriptor_url.app_error"),
    ("SamlSettings", "IdpCertificateFile", "saml_idp_cert.app_error"),
    ("SamlSettings", "EmailAttribute", "saml_email_attribute.app_error"),
    ("SamlSettings", "UsernameAttribute", "saml_username_attribute.app_error"),
    ("SamlSettings", "ServiceProviderIdentifier", "saml_spidentifier_attribute.app_error"),
    ("SamlSettings", "AssertionConsumerServiceURL",
     "saml_assertion_consumer_service_url.app_error"),
)  # fmt: skip


def complete(stored: Doc, site_url: str, *, plugins: bool = False) -> Doc:
    """All settings: what was stored over the defaults, and what the environment holds over both."""
    config = _defaults()
    for section, values in stored.items():
        if section in config:
            config[section].update({k: v for k, v in values.items() if k in config[section]})
    for section, keys in LOCKED.items():
        for key in keys:
            config[section][key] = _defaults()[section][key]
    config["ServiceSettings"]["SiteURL"] = site_url
    config["ServiceSettings"]["EnableLocalMode"] = True
    config["PluginSettings"] |= {"Enable": plugins, "EnableUploads": plugins}
    for section, key in (("FileSettings", "PublicLinkSalt"), ("SqlSettings", "AtRestEncryptKey")):
        config[section][key] = config[section][key] or (new_id() + new_id())[:32]
    return config


def environment(*, plugins: bool = False) -> Doc:
    """The settings that the environment locks, as `GET /config/environment` shows them."""
    locked = {section: dict.fromkeys(keys, True) for section, keys in LOCKED.items()}
    if plugins:
        locked["PluginSettings"]["EnableUploads"] = True
    return locked


def merged(config: Doc, patch: Mapping[str, Any]) -> Doc:
    """The settings after a patch. Lists and maps are replaced, masks and locked keys are left.

    Unknown sections and keys fall out; a value of another type is a 400.
    """
    result = copy.deepcopy(config)
    for section, values in patch.items():
        if section not in config or values is None:
            continue
        if not isinstance(values, dict):
            bad_body("config")
        for key, value in values.items():
            if key not in config[section] or value is None:
                continue
            if not _same_kind(value, config[section][key]):
                bad_body("config")
            masked = value == MASK and key in SECRET.get(section, ())
            if not masked and key not in LOCKED.get(section, ()):
                result[section][key] = value
    result["ServiceSettings"]["SiteURL"] = result["ServiceSettings"]["SiteURL"].rstrip("/")
    return result


def check(config: Doc) -> None:
    """Stop at the first value that the server would not run with."""
    for (section, key), (holds, name) in _CHECKS.items():
        if not holds(config[section][key]):
            refuse(f"model.config.is_valid.{name}.app_error")
    for section, key, name in _SIGN_IN:
        if config[section]["Enable"] and not config[section][key]:
            refuse(f"model.config.is_valid.{name}")
    kept = config["DataRetentionSettings"]
    if kept["MessageRetentionDays"] > 0 and kept["MessageRetentionHours"] > 0:
        name = "data_retention.message_retention_misconfiguration"
        refuse(f"model.config.is_valid.{name}.app_error")


def shown(config: Doc, *, masked: bool = True, defaults: bool = True) -> Doc:
    """The settings as they may be shown: secrets as asterisks, or left out."""
    result = copy.deepcopy(config)
    for section, keys in SECRET.items():
        for key in keys:
            if result[section].get(key):
                result[section][key] = MASK
            if not masked:
                result[section].pop(key, None)
    if not defaults:
        fresh = _defaults()
        result = {
            section: {k: v for k, v in values.items() if v != fresh[section][k]}
            for section, values in result.items()
        }
    return result


def whole(config: Doc, given: Mapping[str, Any]) -> Doc:
    """The settings when all are sent at once: what is missing falls back to its default."""
    fresh = _defaults()
    for section, key in (
        ("PluginSettings", "EnableUploads"),
        ("PluginSettings", "SignaturePublicKeyFiles"),
        ("ImportSettings", "Directory"),
    ):
        fresh[section][key] = config[section][key]
    for held in (LOCKED, SECRET):
        for section, keys in held.items():
            for key in keys:
                fresh[section][key] = config[section][key]
    return merged(fresh, given)


def _defaults() -> Doc:
    text = resources.files(__package__).joinpath("defaults.json").read_text("utf-8")
    found: Doc = json.loads(text)
    return found


def _same_kind(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    return isinstance(value, type(default))
