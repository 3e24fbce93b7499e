"""Settings of what a licence brings: sign-in through a directory or a provider, and retention.

Keys and their types as in public/model/config.go of mattermost/mattermost 11.2 and 11.6.
"""

from collections.abc import Iterator
from typing import Any

from chatops.platforms.mattermost.entries import Config, Entry, Keys, masked, plain, read_key
from chatops.resources import UNKNOWN

__all__ = ["SCOPES", "licensed"]

SCOPES = "profile openid email"
_WELL_KNOWN = "/.well-known/openid-configuration"
_SECURITY = {"none": "", "starttls": "STARTTLS", "tls": "TLS"}
_HOURS = 24
_SAML = "/login/sso/saml"
"""Where the provider sends people back to, below the server's address; also the server's name."""


def licensed() -> Iterator[Entry]:
    """Each of them."""
    yield plain("sign_in.guests", "GuestAccountsSettings.Enable", False)
    yield from _ldap()
    yield from _oidc()
    yield from _saml()
    yield Entry(
        name="storage.message_retention",
        keys=(
            "DataRetentionSettings.EnableMessageDeletion",
            "DataRetentionSettings.MessageRetentionHours",
            "DataRetentionSettings.MessageRetentionDays",
        ),
        decode=_kept,
        encode=_kept_keys,
    )


def _ldap() -> Iterator[Entry]:
    yield plain("sign_in.ldap.enabled", "LdapSettings.Enable", False)
    yield plain("sign_in.ldap.host", "LdapSettings.LdapServer")
    yield plain("sign_in.ldap.port", "LdapSettings.LdapPort", 389)
    yield Entry(
        name="sign_in.ldap.security",
        keys=("LdapSettings.ConnectionSecurity",),
        decode=_ldap_security,
        encode=lambda value: {"LdapSettings.ConnectionSecurity": _SECURITY[value]},
    )
    yield plain("sign_in.ldap.base_dn", "LdapSettings.BaseDN")
    yield plain("sign_in.ldap.bind_dn", "LdapSettings.BindUsername")
    yield masked("sign_in.ldap.bind_password", "LdapSettings.BindPassword")
    yield plain("sign_in.ldap.user_filter", "LdapSettings.UserFilter")
    yield plain("sign_in.ldap.id_attribute", "LdapSettings.IdAttribute")
    yield Entry(
        name="sign_in.ldap.username_attribute",
        # People sign in with the name that they then have.
        keys=("LdapSettings.UsernameAttribute", "LdapSettings.LoginIdAttribute"),
        decode=lambda config: read_key(config, "LdapSettings.UsernameAttribute"),
        encode=lambda value: {
            "LdapSettings.UsernameAttribute": value,
            "LdapSettings.LoginIdAttribute": value,
        },
    )
    yield plain("sign_in.ldap.email_attribute", "LdapSettings.EmailAttribute")
    yield plain("sign_in.ldap.name_attribute", "LdapSettings.FirstNameAttribute")


def _ldap_security(config: Config) -> str:
    held = str(read_key(config, "LdapSettings.ConnectionSecurity"))
    return next((ours for ours, theirs in _SECURITY.items() if theirs == held), "none")


def _oidc() -> Iterator[Entry]:
    yield plain("sign_in.oidc.enabled", "OpenIdSettings.Enable", False)
    yield Entry(
        name="sign_in.oidc.issuer",
        keys=("OpenIdSettings.DiscoveryEndpoint",),
        decode=lambda config: str(
            read_key(config, "OpenIdSettings.DiscoveryEndpoint")
        ).removesuffix(_WELL_KNOWN),
        encode=lambda value: {
            "OpenIdSettings.DiscoveryEndpoint": f"{value}{_WELL_KNOWN}" if value else ""
        },
    )
    yield plain("sign_in.oidc.client_id", "OpenIdSettings.Id")
    yield masked("sign_in.oidc.client_secret", "OpenIdSettings.Secret")
    yield Entry(
        name="sign_in.oidc.scopes",
        keys=("OpenIdSettings.Scope",),
        decode=lambda config: tuple(str(read_key(config, "OpenIdSettings.Scope")).split()),
        encode=lambda value: {"OpenIdSettings.Scope": " ".join(value)},
    )
    yield plain("sign_in.oidc.label", "OpenIdSettings.ButtonText")


def _saml() -> Iterator[Entry]:
    """What the provider sends must be signed; it is not encrypted, for that wants a key of ours."""
    section = "SamlSettings"
    yield Entry(
        name="sign_in.saml.enabled",
        keys=tuple(
            f"{section}.{key}"
            for key in (
                "Enable",
                "Verify",
                "Encrypt",
                "ServiceProviderIdentifier",
                "AssertionConsumerServiceURL",
            )
        ),
        decode=lambda config: read_key(config, f"{section}.Enable", False),
        encode=lambda value: {f"{section}.Enable": value},
        of_site=lambda site: {
            f"{section}.Verify": True,
            f"{section}.Encrypt": False,
            f"{section}.ServiceProviderIdentifier": f"{site}{_SAML}",
            f"{section}.AssertionConsumerServiceURL": f"{site}{_SAML}",
        },
    )
    yield plain("sign_in.saml.login_url", f"{section}.IdpURL")
    yield plain("sign_in.saml.issuer", f"{section}.IdpDescriptorURL")
    yield Entry(
        name="sign_in.saml.certificate",
        keys=(f"{section}.IdpCertificateFile",),
        decode=lambda config: UNKNOWN if read_key(config, f"{section}.IdpCertificateFile") else "",
        encode=lambda value: {},
        secret=True,
        file="/saml/certificate/idp",
    )
    yield plain("sign_in.saml.username_attribute", f"{section}.UsernameAttribute")
    yield plain("sign_in.saml.email_attribute", f"{section}.EmailAttribute")
    yield plain("sign_in.saml.label", f"{section}.LoginButtonText")


def _kept(config: Config) -> int:
    """Days; 0 is for ever. Hours that make no whole days are rounded up."""
    if not read_key(config, "DataRetentionSettings.EnableMessageDeletion", False):
        return 0
    hours = int(read_key(config, "DataRetentionSettings.MessageRetentionHours", 0) or 0)
    days = int(read_key(config, "DataRetentionSettings.MessageRetentionDays", 0) or 0)
    return -(-hours // _HOURS) or days


def _kept_keys(value: Any) -> Keys:
    if not value:
        return {"DataRetentionSettings.EnableMessageDeletion": False}
    return {
        "DataRetentionSettings.EnableMessageDeletion": True,
        # The server refuses to have both.
        "DataRetentionSettings.MessageRetentionDays": 0,
        "DataRetentionSettings.MessageRetentionHours": int(value) * _HOURS,
    }
