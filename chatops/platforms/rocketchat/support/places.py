"""Teams, channels, who is in them, and conversations."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source

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
        "channel.posting": Support(
            Can.YES,
            "leads: a read-only room, in which its moderators and owners write, and admins",
            f"{RECORDED}: channels.setReadOnly; post-readonly in permissions.listAll",
        ),
        "channel.default": Support(
            Can.YES,
            "who is in the team already comes in as well, when it is switched on; switching it "
            "off takes nobody out",
            f"{RECORDED}: teams.updateRoom; "
            + in_source("apps/meteor/server/services/team/service.ts"),
        ),
        "members.leads": Support(
            Can.YES,
            "the moderators of the room; its owners count as leads too, and nobody is made one: "
            "owners can delete a room with all that was said in it. Where somebody is taken from "
            "the leads who is the room's only owner, the server refuses and the rest is done",
            f"{RECORDED}: channels.addModerator, channels.removeOwner last; "
            + in_source("apps/meteor/server/lib/authorization/constant/permissions.ts"),
        ),
        "pinned": Support(
            Can.YES,
            "posted once by the account that runs; a text that is taken out is unpinned, the "
            "message stays. A server without a licence that has not reached the vendor's cloud "
            "for ten days, or never, takes no messages: pinning then fails, and says so",
            f"{RECORDED}: chat.sendMessage with _id, chat.pinMessage; "
            + in_source("ee/packages/license/src/AirGappedRestriction.ts"),
        ),
        "direct-message": Support(
            Can.YES,
            "opened between others without the account that runs in it",
            in_source("apps/meteor/server/methods/createDirectMessage.ts"),
        ),
        "direct-message.group": Support(
            Can.YES,
            "up to the server's DirectMesssage_maxUsers, eight unless changed there",
            in_source("apps/meteor/app/lib/server/functions/createDirectRoom.ts"),
        ),
    }
