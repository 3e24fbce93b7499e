"""Settings of the server."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.mattermost.normalize import SPOKEN
from chatops.platforms.mattermost.support.sources import (
    EDITIONS_PAGE,
    PLUGIN_SOURCE,
    TRIED,
    in_source,
)

__all__ = ["licensed", "settings"]


def settings(release: Release) -> Mapping[str, Support]:
    """The cells of settings."""
    return {
        **_licensed(release),
        "setting.video": Support(
            Can.YES,
            "through the plugin `jitsi`, which is installed where it lacks: the server must run on "
            "x86-64, take plugins (MM_PLUGINSETTINGS_ENABLEUPLOADS=true) and reach github.com, or "
            "the file is given in environment.yaml; a link with a token is good for 30 minutes",
            f"{PLUGIN_SOURCE}; {TRIED} with a bundle of our own in its place",
        ),
        "setting.company.timezone": Support(
            Can.LOOKUP,
            "a server keeps the time zone of the machine it was installed on",
            in_source("public/model/config.go"),
        ),
        "setting.company.locale": Support(
            Can.EMULATED,
            SPOKEN,
            f"{in_source('public/shared/i18n/i18n.go')}; {TRIED}",
        ),
    }


def licensed(release: Release) -> bool:
    """Whether the edition has single sign-on. Entry has it; retention wants more."""
    return release.edition != "team"


def _licensed(release: Release) -> Mapping[str, Support]:
    """Sign-in and retention, by edition."""
    config = in_source("public/model/config.go")
    named = Support(
        Can.NO,
        "Mattermost finds these addresses by itself, below the issuer; it is left out",
        config,
    )
    cells = {
        "setting.sign_in.saml.logout_url": Support(
            Can.NO, "Mattermost signs people out of the chat alone; it is left out", config
        ),
        "setting.sign_in.oidc.authorize_path": named,
        "setting.sign_in.oidc.token_path": named,
        "setting.sign_in.oidc.identity_path": named,
    }
    if licensed(release):
        cells["setting.sign_in.ldap.name_attribute"] = Support(
            Can.YES, "kept as the attribute of the first name", config
        )
        cells["setting.sign_in.saml.enabled"] = Support(
            Can.YES,
            "to the provider the chat is its own address followed by /login/sso/saml; what the "
            "provider sends must be signed, and is not encrypted",
            f"{config}; {TRIED} without a licence",
        )
        cells["setting.sign_in.saml.certificate"] = Support(
            Can.YES,
            "uploaded; whether it is still the one of the file is told by the vault",
            f"{in_source('channels/api4/saml.go')}; {TRIED} without a licence",
        )
    else:
        paid = "needs Mattermost Entry or a licence since 11.0; Rocket.Chat has it up to 8.x"
        cells["setting.sign_in.guests"] = Support(
            Can.PAID, "guest accounts need Mattermost Entry or a licence", EDITIONS_PAGE
        )
        cells["setting.sign_in.ldap"] = Support(Can.PAID, f"LDAP {paid}", EDITIONS_PAGE)
        cells["setting.sign_in.oidc"] = Support(Can.PAID, f"OpenID Connect {paid}", EDITIONS_PAGE)
        cells["setting.sign_in.saml"] = Support(Can.PAID, f"SAML {paid}", EDITIONS_PAGE)
    if release.edition != "enterprise":
        cells["setting.storage.message_retention"] = Support(
            Can.PAID,
            "Mattermost deletes old messages with an Enterprise licence only; all of them are "
            "kept, and `forever` says so",
            EDITIONS_PAGE,
        )
    return cells
