"""Chat with customers on the company's website."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

__all__ = ["live_chat"]

_SERVER = "apps/meteor/app/livechat/server"


def live_chat(release: Release) -> Mapping[str, Support]:
    """The cells about live chat."""
    cells = {
        "department": Support(
            Can.YES,
            "one that the file forgets is archived: its conversations stay",
            in_source(f"{_SERVER}/lib/departmentsLib.ts"),
        ),
        "department.agents": Support(
            Can.YES,
            "they get the role livechat-agent, and keep it when they answer there no more",
            in_source(f"{_SERVER}/lib/omni-users.ts"),
        ),
        "department.email": Support(
            Can.YES,
            "what customers write when nobody is there is mailed there; without one, to the "
            "server's own address for it (Livechat_offline_email)",
            in_source(f"{_SERVER}/lib/messages.ts"),
        ),
        "business-hours": Support(
            Can.YES,
            "switches them on for the whole server; 24:00 is kept as 23:59",
            in_source(f"{_SERVER}/business-hour/AbstractBusinessHour.ts"),
        ),
        "setting.live_chat.website": Support(
            Can.YES,
            "only its host counts; no other website can show the chat then",
            in_source("apps/meteor/app/livechat/server/livechat.ts"),
        ),
        "setting.live_chat.offline_message": Support(
            Can.YES,
            "shown above the form for messages, and in its place where the form is switched off",
            f"{RECORDED}: livechat/config",
        ),
    }
    if release.version and release.version[0] < 8:
        cells["business-hours"] = Support(
            Can.NO,
            "Rocket.Chat before 8.0 has no call for them; set them under Omnichannel → Business "
            "hours",
            "github.com/RocketChat/Rocket.Chat/pull/37690",
        )
    return cells
