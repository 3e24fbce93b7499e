"""What roles may do: which of our words each role can hold, and which permissions they are."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.rocketchat.permissions import COMPOSED, IN_ROOMS, NOWHERE, WORDS
from chatops.platforms.rocketchat.support.licences import UNLICENSED
from chatops.platforms.rocketchat.support.sources import RECORDED, in_source
from chatops.resources import CHANNEL_LEAD, GUEST, TEAM_LEAD

__all__ = ["roles"]

BORN = in_source("apps/meteor/server/lib/authorization/constant/permissions.ts")
ASKED = in_source("apps/meteor/server, apps/meteor/app: hasPermissionAsync")

WHY_NOT = {
    TEAM_LEAD: "`{}` is asked outside of any room, where owners count for nothing: give it to "
    "`member`",
    CHANNEL_LEAD: "`{}` is asked outside of the channel, where its moderators count for nothing: "
    "give it to `team-lead` or `member`",
}
GUESTS = "a licence lets guests read and write in their rooms and no more: take `{}` out"


def roles(release: Release) -> Mapping[str, Support]:
    """The cells about roles."""
    paid = release.edition in UNLICENSED
    cells = {
        "role.may": Support(
            Can.YES,
            "admin is the server's role admin, member its user, guest its guest; team-lead its "
            "owner (in the team's main room), channel-lead its moderator (in each channel)",
            f"{RECORDED}: permissions.listAll, permissions.update",
        ),
        "role.own": _own(paid, "made once; a role that the file forgets stays"),
        "user.own_roles": _own(
            paid, "roles that the file does not list are left with whom they are"
        ),
        "role.description": Support(
            Can.YES,
            "a role that has one is shown beside the names of those who hold it",
            f"{RECORDED}: roles.getUsersInPublicRoles",
        ),
    }
    for word, permissions in WORDS.items():
        cells[f"permission.{word}"] = Support(Can.YES, ", ".join(permissions), BORN)
    for word, parts in COMPOSED.items():
        cells[f"permission.{word}"] = Support(Can.YES, " and ".join(parts), BORN)
    for word, why in NOWHERE.items():
        cells[f"permission.{word}"] = Support(Can.NO, f"`{word}`: {why}", BORN)
    for role, table in IN_ROOMS.items():
        for word in (*WORDS, *COMPOSED):
            parts = COMPOSED.get(word, (word,))
            if not all(part in table for part in parts):
                cells[f"permission.{word}.{role}"] = Support(
                    Can.NO, WHY_NOT[role].format(word), ASKED
                )
            elif table.get(word) != WORDS.get(word):
                permissions = tuple(p for part in parts for p in table[part])
                cells[f"permission.{word}.{role}"] = Support(
                    Can.YES, f"{', '.join(permissions)}, in the team's main room", ASKED
                )
    if release.edition != "community":
        for word in (*WORDS, *COMPOSED):
            cells[f"permission.{word}.{GUEST}"] = Support(
                Can.NO,
                GUESTS.format(word),
                in_source("apps/meteor/ee/app/authorization/lib/addRoleRestrictions.ts"),
            )
    return cells


def _own(paid: bool, note: str) -> Support:
    source = (
        f"{RECORDED}: roles.create; https://developer.rocket.chat/apidocs/permissions-api "
        "(custom roles: Enterprise plans)"
    )
    if paid:
        return Support(
            Can.PAID,
            "further roles want a licence with the module custom-roles; say what `member`, "
            "`team-lead` and `channel-lead` may instead",
            source,
        )
    return Support(Can.YES, note, source)
