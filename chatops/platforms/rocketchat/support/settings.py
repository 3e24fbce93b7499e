"""Settings of the server."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.licences import LICENSED_FROM_9, UNLICENSED, needs_licence
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

__all__ = ["settings"]


def settings(release: Release) -> Mapping[str, Support]:
    """The cells about settings."""
    return {
        **_sign_in(release),
        "setting.storage.message_retention": Support(
            Can.YES,
            "the server deletes what is older, for good, in channels and conversations alike, "
            "pinned messages too; rooms with a rule of their own keep it",
            f"{RECORDED}: RetentionPolicy_*; "
            + in_source("apps/meteor/app/retention-policy/server/cronPruneMessages.ts"),
        ),
        "setting.video": _video(release),
        "setting.storage.files.backend": Support(
            Can.YES,
            "local means inside the database (GridFS)",
            f"{RECORDED}: FileUpload_Storage_Type",
        ),
        "setting.company.timezone": Support(
            Can.YES,
            "of the server's reports; in the chat everybody sees times in their own zone",
            f"{RECORDED}: Default_Timezone_For_Reporting, Default_Custom_Timezone",
        ),
        "setting.company.locale": Support(
            Can.YES,
            "one of the languages that Rocket.Chat is translated into",
            in_source("packages/i18n/src/locales"),
        ),
        "setting.sign_in.password.min_length": Support(
            Can.YES,
            "switches the server's whole password policy on; its other rules stay",
            f"{RECORDED}: Accounts_Password_Policy_MinLength",
        ),
        "setting.limits.people_per_team": Support(
            Can.NO, "Rocket.Chat has no limit on the people of a team; nothing is set"
        ),
    }


def _sign_in(release: Release) -> Mapping[str, Support]:
    """The ways in that are not the server's own passwords."""
    if needs_licence(release):
        return {
            f"setting.sign_in.{way}": Support(
                Can.PAID,
                f"from 9.0 on Rocket.Chat wants a licence for {name}; the newest 8.x does without",
                LICENSED_FROM_9,
            )
            for way, name in (
                ("ldap", "LDAP"),
                ("oidc", "an OpenID Connect provider of one's own"),
                ("saml", "SAML"),
            )
        }
    until = "" if release.edition not in UNLICENSED else "; from 9.0 on it wants a licence"
    return {
        "setting.sign_in.ldap": Support(
            Can.YES,
            f"people of the file are found by their user name (LDAP_Merge_Existing_Users){until}",
            in_source("apps/meteor/server/settings/ldap.ts"),
        ),
        "setting.sign_in.oidc": Support(
            Can.YES,
            "a sign-in service named Oidc, to which the provider sends people back at "
            "/_oauth/oidc; people of the file are found by their user name (preferred_username)"
            + until,
            f"{RECORDED}: settings.addCustomOAuth; "
            + in_source("apps/meteor/app/custom-oauth/server/custom_oauth_server.js"),
        ),
        "setting.sign_in.saml": Support(
            Can.YES,
            "the provider needs /_saml/metadata/saml of the server; people of the file are found "
            "by their mail address" + until,
            in_source("apps/meteor/app/meteor-accounts-saml/server/lib/settings.ts"),
        ),
        "setting.sign_in.saml.issuer": Support(
            Can.LOOKUP,
            "Rocket.Chat does not ask what the provider calls itself; it is not set",
            in_source("apps/meteor/app/meteor-accounts-saml/server/lib/settings.ts"),
        ),
    }


_BY_HAND = (
    "have an administrator install the app Jitsi from the marketplace and give it the domain of "
    "`video.url`, application id and token audience `chatops`, and as secret what `chatops secret "
    "get video_app_secret` shows; or put the address of the meetings into a channel's topic"
)


def _video(release: Release) -> Support:
    """Jitsi is an app there. Its settings were never tried on a real server, so none is written."""
    source = (
        "RocketChat/Apps.Jitsi src/settings.ts (2.1); RocketChat/Rocket.Chat "
        "apps/meteor/ee/server/apps/communication/rest.ts, pull request 33399 (7.0)"
    )
    if release.edition == "community" and release.version >= (7,):
        return Support(
            Can.PAID,
            "meetings in Rocket.Chat need an app, and since 7.0 the free edition runs none that is "
            f"uploaded, only five of its marketplace, once it is registered; {_BY_HAND}",
            source,
        )
    return Support(
        Can.NO,
        f"chatops does not set up Rocket.Chat's app of meetings; {_BY_HAND}",
        source,
    )
