"""Teams, channels and who is in them."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.mattermost.support.sources import RECORDED, TRIED, in_source

__all__ = ["places"]


def places(release: Release) -> Mapping[str, Support]:
    """The cells about places."""
    return {**_posting(release), **_CELLS}


_CELLS: Mapping[str, Support] = {
    "team.rename": Support(
        Can.NO,
        "Mattermost never changes the name in a team's address; change display_name, or make "
        "a new team",
        f"{RECORDED}: a patch of a team's name answers 200 and changes nothing",
    ),
    "channel.default": Support(
        Can.EMULATED,
        "by name, on the whole server: whoever joins a team comes into its public channel of "
        "this name, who is in the team already does not, and every team that is made later "
        "gets such a channel",
        in_source("channels/app/channel.go, channels/app/teams/teams.go"),
    ),
    "channel.archived": Support(
        Can.YES,
        "archiving takes the channel's webhooks away, and bringing it back does not bring "
        "them back",
        in_source("channels/store/sqlstore/webhook_store.go"),
    ),
    "pinned": Support(
        Can.YES,
        "written by the account that runs, which need not be in the channel; a text that is taken "
        "out is unpinned and stays in the channel as an ordinary message",
        f"{RECORDED}: GET /channels/{{id}}/pinned; {TRIED}",
    ),
    "direct-message": Support(
        Can.YES,
        "the conversation is there, and stands in the two people's lists with its first message",
        f"{RECORDED}: POST /channels/direct as an administrator",
    ),
    "direct-message.group": Support(
        Can.NO,
        "whoever opens a conversation of three or more on Mattermost is in it, so chatops cannot "
        "open it for others; make a private channel, or let them open it themselves",
        f"{RECORDED}: POST /channels/group; {in_source('channels/api4/channel.go')}",
    ),
    "members.leads": Support(
        Can.YES,
        "channel admins: what they may do is the role channel-lead",
        f"{RECORDED}: PUT /channels/{{id}}/members/{{id}}/schemeRoles",
    ),
}


def _posting(release: Release) -> Mapping[str, Support]:
    if release.edition == "team":
        return {
            "channel.posting": Support(
                Can.PAID,
                "channels in which only their leads write need a licence; without one everybody "
                "in the channel writes: keep the channel private, or take Rocket.Chat, which has "
                "this in its free edition",
                f"{RECORDED}: GET /channels/{{id}}/moderations answers 403 without a licence",
            )
        }
    return {
        "channel.posting": Support(
            Can.YES,
            "by the channel's moderation; what its leads may do is not touched",
            in_source("channels/app/channel.go: PatchChannelModerationsForChannel; not tried"),
        )
    }
