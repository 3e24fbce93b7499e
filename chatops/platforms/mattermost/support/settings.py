"""Settings of the server."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.mattermost.normalize import SPOKEN
from chatops.platforms.mattermost.support.sources import TRIED, in_source

__all__ = ["settings"]


def settings(release: Release) -> Mapping[str, Support]:
    """The cells of settings."""
    return {
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
