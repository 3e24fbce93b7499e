"""People, how they get in, and what they may do."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Release, Support
from chatops.platforms.mattermost.normalize import SPOKEN
from chatops.platforms.mattermost.permissions import COMPOSED, NONE, WORDS, seat
from chatops.platforms.mattermost.support.sources import EDITIONS_PAGE, RECORDED, in_source
from chatops.resources import ADMIN, CHANNEL_LEAD, GUEST, MEMBER, TEAM_LEAD

__all__ = ["people"]


def people(release: Release) -> Mapping[str, Support]:
    """The cells about people."""
    return {**_accounts(), **_roles(), **_permissions(), **_editions(release)}


def _accounts() -> Mapping[str, Support]:
    return {
        "user.locale": Support(Can.EMULATED, SPOKEN, in_source("channels/app/users/users.go")),
        "user.timezone": Support(
            Can.YES,
            "it takes the place of the time zone that the person's device tells",
            f"{RECORDED}: PUT /users/{{id}}/patch",
        ),
        "user.picture": Support(
            Can.YES,
            "the server keeps a square of 128 pixels of it; whether it is still the one of the "
            "file is told by the vault",
            in_source("channels/app/user.go"),
        ),
    }


def _roles() -> Mapping[str, Support]:
    own = (
        "Mattermost has its built-in roles and no others; say what member, team-lead, "
        "channel-lead or guest may do"
    )
    source = in_source("channels/api4/role.go")
    return {
        "role.may": Support(
            Can.YES,
            "permissions of the built-in roles, given and taken one by one; a team that has a "
            "scheme of its own (with a licence) is not touched",
            f"{source}; {RECORDED}: PUT /roles/{{id}}/patch",
        ),
        "role.own": Support(Can.NO, own, source),
        "user.own_roles": Support(Can.NO, own, source),
        "role.description": Support(
            Can.NO, "Mattermost's built-in roles keep their descriptions", source
        ),
    }


def _permissions() -> Mapping[str, Support]:
    """One cell for each word that nobody can be given, or not everybody."""
    cells = {f"permission.{w}": Support(Can.NO, note, in_source(path)) for w, (note, path) in NONE}
    inside = {
        TEAM_LEAD: "a lead's permissions count in the team alone, and this one is asked for on "
        "the whole server; give it to `member`",
        CHANNEL_LEAD: "a channel lead's permissions count in the channel alone; give this one to "
        "`team-lead` or `member`",
    }
    for word, entry in WORDS.items():
        cells[f"permission.{word}.{ADMIN}"] = Support(
            Can.NO,
            "an administrator of Mattermost may do everything: there is nothing to give or take",
            in_source("public/model/role.go"),
        )
        for role in (MEMBER, GUEST, TEAM_LEAD, CHANNEL_LEAD):
            if seat(word, role) is None:
                cells[f"permission.{word}.{role}"] = Support(
                    Can.NO, inside[role], in_source(entry.source)
                )
    for word, parts in COMPOSED.items():
        for role in (ADMIN, MEMBER, GUEST, TEAM_LEAD, CHANNEL_LEAD):
            lacking = [cells[c] for p in parts if (c := f"permission.{p}.{role}") in cells]
            if lacking:
                cells[f"permission.{word}.{role}"] = lacking[0]
    return cells


def _editions(release: Release) -> Mapping[str, Support]:
    if release.edition != "team":
        return {
            "onboarding.sso": Support(
                Can.LOOKUP,
                "Mattermost makes the account when a person first signs in through the sign-on "
                "service; until then the person is left out",
                in_source("channels/app/oauth.go"),
            )
        }
    return {
        "role.guest": Support(
            Can.PAID,
            "guest accounts need Mattermost Entry or a licence; leave the role out and the person "
            "becomes an ordinary member",
            f"{RECORDED}: POST /users/{{id}}/demote answers 501 without a licence",
        ),
        "permission.guest.invite": Support(
            Can.PAID,
            "guest accounts need Mattermost Entry or a licence",
            f"{RECORDED}: POST /teams/{{id}}/invite-guests/email answers 501 without a licence",
        ),
        "onboarding.sso": Support(
            Can.PAID,
            "single sign-on needs Mattermost Entry or a licence; use `mail` or `file`",
            EDITIONS_PAGE,
        ),
    }
