"""Teams, channels and who is in them."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.mattermost.support.sources import RECORDED, in_source

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
