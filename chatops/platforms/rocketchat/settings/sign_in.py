"""Sign-in by a directory or a provider: LDAP, OpenID Connect, SAML.

People are made by chatops before they first sign in, so each way is told to find them: by user
name (LDAP, OpenID Connect) or by mail address (SAML does so by itself). Read in the vendor's
source: apps/meteor/server/settings/ldap.ts and oauth.ts, apps/meteor/app/custom-oauth/server,
apps/meteor/app/meteor-accounts-saml/server/lib/settings.ts.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from chatops.platforms.rocketchat.settings.entries import (
    Entry,
    Wire,
    as_int,
    as_text,
    entry,
    secret,
    text,
)
from chatops.resources import SettingValue

__all__ = ["FRESH", "SERVICE", "SERVICE_FRESH", "SIGN_IN"]

# Active Directory and the others have their own ids for the names of attributes.
KIND: Final = "LDAP_Server_Type"
ACTIVE_DIRECTORY: Final = "ad"

_SECURITY = {"plain": "none", "tls": "starttls", "ssl": "tls"}
_ENCRYPTION = {ours: theirs for theirs, ours in _SECURITY.items()}

SERVICE: Final = "Oidc"
"""The sign-in service that we make; the provider sends people back to /_oauth/oidc."""
_O: Final = f"Accounts_OAuth_Custom-{SERVICE}"
_S: Final = "SAML_Custom_Default"

_NO_PROVIDER: Final = "provider-name"
_NO_ISSUER: Final = "https://your-rocket-chat/_saml/metadata/provider-name"
"""What stands there on a fresh server."""
_ATTRIBUTES: Final = '{"username":"username", "email":"email", "name": "cn"}'


def _attribute(name: str, *more: str) -> Entry:
    """The name of an attribute of the directory, under the ids of its kind."""
    plain = tuple(f"LDAP_{part}" for part in (name, *more))
    active = tuple(f"LDAP_AD_{part}" for part in (name, *more))

    def ids(wire: Wire) -> tuple[str, ...]:
        return active if wire.get(KIND) == ACTIVE_DIRECTORY else plain

    return Entry(
        (*plain, *active),
        lambda w: as_text(w[ids(w)[0]]),
        lambda v, there: dict.fromkeys(ids(there), v),
        beside=(KIND,),
    )


def _bind(value: str) -> Wire:
    return {"LDAP_Authentication_UserDN": value, "LDAP_Authentication": value != ""}


def _attributes(wire: Wire) -> dict[str, Any]:
    try:
        found = json.loads(as_text(wire[f"{_S}_user_data_fieldmap"]))
    except ValueError:
        found = None
    return found if isinstance(found, dict) else json.loads(_ATTRIBUTES)


def _mapped(ours: str) -> Entry:
    """The name of an attribute in what the provider tells: all stand in one JSON text."""
    ident = f"{_S}_user_data_fieldmap"

    def read(wire: Wire) -> SettingValue:
        # A name alone is short for the field and a pattern, which others may have written out.
        value = _attributes(wire).get(ours)
        return value if isinstance(value, str) else ""

    return Entry(
        (ident,),
        read,
        lambda v, there: {ident: json.dumps(_attributes(there) | {ours: v})},
        beside=(ident,),
    )


def _saml_on(value: bool, there: Wire) -> Wire:
    """A fresh server has names in it that no provider can send people back to."""
    wire: dict[str, Any] = {}
    provider = as_text(there.get(f"{_S}_provider"))
    if value and provider in ("", _NO_PROVIDER):
        provider = wire[f"{_S}_provider"] = "saml"
    if value and as_text(there.get(f"{_S}_issuer")) in ("", _NO_ISSUER):
        site = as_text(there.get("Site_Url")).rstrip("/")
        wire[f"{_S}_issuer"] = f"{site}/_saml/metadata/{provider}"
    return {**wire, _S: value}


def _oidc_on(value: bool) -> Wire:
    if not value:
        return {_O: False}
    return {
        # As OpenID Connect has it: secrets and tokens in headers, the claims by these names.
        f"{_O}-token_sent_via": "header",
        f"{_O}-username_field": "preferred_username",
        f"{_O}-email_field": "email",
        f"{_O}-name_field": "name",
        f"{_O}-key_field": "username",
        f"{_O}-merge_users": True,
        _O: True,
    }


def _ldap_on(value: bool) -> Wire:
    return {"LDAP_Merge_Existing_Users": True, "LDAP_Enable": True} if value else _LDAP_OFF


_LDAP_OFF: Final[Wire] = {"LDAP_Enable": False}

SIGN_IN: Final[Mapping[str, Entry]] = {
    "sign_in.ldap.enabled": entry(
        ("LDAP_Enable", "LDAP_Merge_Existing_Users"),
        lambda w: w["LDAP_Enable"] is True and w["LDAP_Merge_Existing_Users"] is True,
        _ldap_on,
    ),
    "sign_in.ldap.host": text("LDAP_Host"),
    "sign_in.ldap.port": entry(
        ("LDAP_Port",), lambda w: as_int(w["LDAP_Port"]), lambda v: {"LDAP_Port": v}
    ),
    "sign_in.ldap.security": entry(
        ("LDAP_Encryption",),
        lambda w: _SECURITY.get(as_text(w["LDAP_Encryption"]), as_text(w["LDAP_Encryption"])),
        lambda v: {"LDAP_Encryption": _ENCRYPTION[v]},
    ),
    "sign_in.ldap.base_dn": text("LDAP_BaseDN"),
    "sign_in.ldap.bind_dn": entry(
        ("LDAP_Authentication_UserDN", "LDAP_Authentication"),
        lambda w: (
            as_text(w["LDAP_Authentication_UserDN"]) if w["LDAP_Authentication"] is True else ""
        ),
        _bind,
    ),
    "sign_in.ldap.bind_password": secret("LDAP_Authentication_Password"),
    "sign_in.ldap.user_filter": text("LDAP_User_Search_Filter"),
    "sign_in.ldap.id_attribute": text("LDAP_Unique_Identifier_Field"),
    "sign_in.ldap.username_attribute": _attribute("Username_Field", "User_Search_Field"),
    "sign_in.ldap.email_attribute": _attribute("Email_Field"),
    "sign_in.ldap.name_attribute": _attribute("Name_Field"),
    "sign_in.oidc.enabled": Entry(
        (
            _O,
            f"{_O}-merge_users",
            f"{_O}-token_sent_via",
            f"{_O}-username_field",
            f"{_O}-email_field",
            f"{_O}-name_field",
            f"{_O}-key_field",
        ),
        lambda w: w[_O] is True and w[f"{_O}-merge_users"] is True,
        lambda v, there: _oidc_on(v),
        service=SERVICE,
    ),
    "sign_in.oidc.issuer": text(f"{_O}-url", SERVICE),
    "sign_in.oidc.client_id": text(f"{_O}-id", SERVICE),
    "sign_in.oidc.client_secret": secret(f"{_O}-secret", SERVICE),
    "sign_in.oidc.scopes": Entry(
        (f"{_O}-scope",),
        lambda w: tuple(as_text(w[f"{_O}-scope"]).split()),
        lambda v, there: {f"{_O}-scope": " ".join(v)},
        service=SERVICE,
    ),
    "sign_in.oidc.label": text(f"{_O}-button_label_text", SERVICE),
    "sign_in.oidc.authorize_path": text(f"{_O}-authorize_path", SERVICE),
    "sign_in.oidc.token_path": text(f"{_O}-token_path", SERVICE),
    "sign_in.oidc.identity_path": text(f"{_O}-identity_path", SERVICE),
    "sign_in.saml.enabled": Entry(
        (_S, f"{_S}_provider", f"{_S}_issuer"),
        lambda w: w[_S] is True,
        _saml_on,
        beside=(f"{_S}_provider", f"{_S}_issuer", "Site_Url"),
    ),
    "sign_in.saml.login_url": text(f"{_S}_entry_point"),
    "sign_in.saml.logout_url": text(f"{_S}_idp_slo_redirect_url"),
    "sign_in.saml.certificate": secret(f"{_S}_cert"),
    "sign_in.saml.username_attribute": _mapped("username"),
    "sign_in.saml.email_attribute": _mapped("email"),
    "sign_in.saml.label": text(f"{_S}_button_label_text"),
}

SERVICE_FRESH: Final[Wire] = {
    _O: False,
    f"{_O}-merge_users": False,
    f"{_O}-token_sent_via": "payload",
    f"{_O}-username_field": "",
    f"{_O}-email_field": "",
    f"{_O}-name_field": "",
    f"{_O}-key_field": "username",
    f"{_O}-url": "",
    f"{_O}-id": "",
    f"{_O}-secret": "",
    f"{_O}-scope": "openid",
    f"{_O}-button_label_text": "",
    f"{_O}-authorize_path": "/oauth/authorize",
    f"{_O}-token_path": "/oauth/token",
    f"{_O}-identity_path": "/me",
}
"""What a sign-in service is as long as nobody has made it: off, and as a new one would be."""

FRESH: Final[Wire] = {
    "LDAP_Enable": False,
    "LDAP_Merge_Existing_Users": False,
    "LDAP_Host": "",
    "LDAP_Port": 389,
    "LDAP_Encryption": "plain",
    "LDAP_BaseDN": "",
    "LDAP_Authentication": False,
    "LDAP_Authentication_UserDN": "",
    "LDAP_Authentication_Password": "",
    "LDAP_User_Search_Filter": "(objectclass=*)",
    "LDAP_Unique_Identifier_Field": (
        "objectGUID,ibm-entryUUID,GUID,dominoUNID,nsuniqueId,uidNumber,uid"
    ),
    "LDAP_Server_Type": "ad",
    "LDAP_Username_Field": "uid",
    "LDAP_User_Search_Field": "uid",
    "LDAP_Email_Field": "mail",
    "LDAP_Name_Field": "cn",
    "LDAP_AD_Username_Field": "sAMAccountName",
    "LDAP_AD_User_Search_Field": "sAMAccountName",
    "LDAP_AD_Email_Field": "mail",
    "LDAP_AD_Name_Field": "cn",
    _S: False,
    f"{_S}_provider": _NO_PROVIDER,
    f"{_S}_issuer": _NO_ISSUER,
    f"{_S}_entry_point": "https://example.com/simplesaml/saml2/idp/SSOService.php",
    f"{_S}_idp_slo_redirect_url": (
        "https://example.com/simplesaml/saml2/idp/SingleLogoutService.php"
    ),
    f"{_S}_cert": "",
    f"{_S}_user_data_fieldmap": _ATTRIBUTES,
    f"{_S}_button_label_text": "SAML",
    "Site_Url": "",
    **SERVICE_FRESH,
}
"""What a fresh server holds."""
