"""Teams, channels, who is in them, and conversations."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.sources import RECORDED

__all__ = ["places"]


def places(release: Release) -> Mapping[str, Support]:
    """The cells about places."""
    return {
        "team.display_name": Support(
            Can.NO,
            "Rocket.Chat shows a team under its name; the display name is left out",
            f"{RECORDED}: teams.info",
        ),
        "team.description": Support(
            Can.YES, "kept as the description of the team's main room", f"{RECORDED}: teams.info"
        ),
        "team.archived": Support(
            Can.EMULATED,
            "Rocket.Chat cannot archive a team: its main room is archived instead, the team "
            "stays listed, and its channels are left as they are",
            f"{RECORDED}: teams.info, channels.archive",
        ),
        "channel.display_name": Support(
            Can.NO,
            "Rocket.Chat shows a channel under its name; the display name is left out",
            f"{RECORDED}: channels.info",
        ),
        "channel.purpose": Support(
            Can.YES, "kept as the room's description", f"{RECORDED}: channels.setPurpose"
        ),
    }
