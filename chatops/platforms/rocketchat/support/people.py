"""People, how they get in, and what they may do."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

__all__ = ["people"]


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
        "onboarding.sso": Support(
            Can.NO,
            "chatops does not set up single sign-on for Rocket.Chat; use mail or file",
        ),
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
    if release.edition == "community":
        cells["role.guest"] = Support(
            Can.NO,
            "Rocket.Chat without a licence allows no guests (their number is capped at 0)",
        )
    return cells
