"""Teams, channels and who is in them."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.mattermost.support.sources import RECORDED

__all__ = ["places"]


def places(release: Release) -> Mapping[str, Support]:
    """The cells about places."""
    return {
        "team.rename": Support(
            Can.NO,
            "Mattermost never changes the name in a team's address; change display_name, or make "
            "a new team",
            f"{RECORDED}: a patch of a team's name answers 200 and changes nothing",
        ),
    }
