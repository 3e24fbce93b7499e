"""Settings of the server."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

__all__ = ["settings"]


def settings(release: Release) -> Mapping[str, Support]:
    """The cells about settings."""
    return {
        "setting.storage.files.backend": Support(
            Can.YES,
            "local means inside the database (GridFS)",
            f"{RECORDED}: FileUpload_Storage_Type",
        ),
        "setting.company.timezone": Support(
            Can.LOOKUP, "a server keeps the time zone of the machine it was installed on"
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
