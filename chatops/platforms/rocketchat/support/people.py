"""People, how they get in, and what they may do."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.licences import LICENSED_FROM_9, needs_licence
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

__all__ = ["people"]

GUESTS_FREE = "they see only the rooms they are put into; without a licence nobody counts them"
GUESTS_LICENSED = (
    "they see only the rooms they are put into; how many there may be is in the licence, and read "
    "from the server when it is planned"
)


def people(release: Release) -> Mapping[str, Support]:
    """The cells about people."""
    cells = {
        "user.title": Support(
            Can.NO,
            "Rocket.Chat has no title on a person; it is left out",
            f"{RECORDED}: users.info",
        ),
        "user.active": Support(
            Can.YES,
            "whoever is the only owner of a room cannot be deactivated: the server would delete "
            "the room or give it away; make somebody else an owner first",
            f"{RECORDED}: users.setActiveStatus of a last owner",
        ),
        "user.locale": Support(
            Can.NO,
            "Rocket.Chat shows nobody's language to anybody else, so it could not be kept as the "
            "file says; new people get the server's (company.locale) and choose another under "
            "Preferences",
            f"{RECORDED}: users.info, users.list; "
            + in_source("apps/meteor/app/lib/server/functions/getFullUserData.ts"),
        ),
        "user.timezone": Support(
            Can.NO,
            "Rocket.Chat takes each person's time zone from their browser or phone; it is left out",
            in_source("apps/meteor/server/methods/userSetUtcOffset.ts"),
        ),
        "user.picture": Support(
            Can.YES,
            "PNG, JPEG or GIF; scaled by the server, so only the vault knows whether it is the "
            "file's",
            in_source("apps/meteor/app/api/server/v1/users.ts"),
        ),
        "role.guest": Support(
            Can.YES,
            GUESTS_FREE if release.edition == "community" else GUESTS_LICENSED,
            f"{RECORDED}: licenses.info; "
            + in_source("apps/meteor/ee/app/authorization/server/validateUserRoles.ts"),
        ),
        "onboarding.sso": _single_sign_on(release),
        "onboarding.mail": Support(
            Can.YES,
            "the server's own reset mail; it must be able to send mail",
            in_source("apps/meteor/app/api/server/v1/users.ts", "7.0"),
        ),
        "onboarding.file": Support(
            Can.YES,
            "the password must be changed at the first sign-in",
            f"{RECORDED}: users.create with requirePasswordChange",
        ),
    }
    return cells


def _single_sign_on(release: Release) -> Support:
    if needs_licence(release):
        return Support(
            Can.PAID,
            "from 9.0 on LDAP, SAML and one's own OpenID Connect need a licence; use mail or file",
            LICENSED_FROM_9,
        )
    return Support(
        Can.YES,
        "the account is made with a password that nobody knows; people come in by what stands "
        "under sign_in (ldap, oidc, saml), which finds them by user name or mail address",
        in_source("apps/meteor/server/settings/ldap.ts"),
    )
