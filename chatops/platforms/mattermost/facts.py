"""What can be said of a Mattermost release without asking one."""

from collections.abc import Collection

from chatops.platforms.base import Facts, Release
from chatops.platforms.mattermost.fresh import PEOPLE_PER_TEAM, pristine
from chatops.platforms.mattermost.normalize import NORMALIZE
from chatops.platforms.mattermost.rules import rules
from chatops.platforms.mattermost.support import ANYWAY, cells
from chatops.resources import (
    GUEST,
    Compare,
    IncomingWebhook,
    Kind,
    Resource,
    Setting,
    TeamMembers,
    User,
)

__all__ = ["EDITIONS", "FLOOR", "OWN_CHANNELS", "facts"]

EDITIONS = {
    "team": "Team Edition",
    "entry": "Entry",
    "professional": "Professional",
    "enterprise": "Enterprise",
}
FLOOR = (10, 11)
NEWEST_MAJOR = 11
OWN_CHANNELS = frozenset({"town-square", "off-topic"})
"""The channels that the server makes in every team."""


def facts(release: Release) -> Facts:
    """What this release holds, refuses and stores differently."""
    return Facts(
        label=f"Mattermost {release.text}, {EDITIONS.get(release.edition, release.edition)}",
        editions=tuple(EDITIONS),
        support=cells(release),
        rules=rules(release),
        normalize=NORMALIZE,
        implied=_implied,
        pristine=pristine(release),
        remarks=_remarks(release),
        anyway=ANYWAY,
    )


def _remarks(release: Release) -> tuple[str, ...]:
    if release.version < FLOOR:
        return (
            f"Mattermost {release.text} is older than 10.11, the oldest version this was made "
            "for; it may work, and it gets no security fixes",
        )
    if release.version[0] > NEWEST_MAJOR:
        return (f"Mattermost {release.text} is newer than any version this was tried with (11.x)",)
    return ()


def _implied(resources: Collection[Resource]) -> tuple[Resource, ...]:
    """Room in the teams, and the switches of what the file lists."""
    return (*_room(resources), *_switches(resources), *_attributes(resources))


_SWITCH = {
    Kind.INCOMING_WEBHOOK: "integrations.incoming_webhooks",
    Kind.OUTGOING_WEBHOOK: "integrations.outgoing_webhooks",
    Kind.SLASH_COMMAND: "integrations.slash_commands",
    Kind.BOT: "integrations.bots",
    Kind.EMOJI: "integrations.emoji",
}


def _switches(resources: Collection[Resource]) -> tuple[Resource, ...]:
    names = {_SWITCH[r.kind] for r in resources if r.kind in _SWITCH}
    roles = (r.roles for r in resources if isinstance(r, User))
    if any(GUEST in held for held in roles if isinstance(held, frozenset)):
        names.add("sign_in.guests")
    for field, name in (
        ("username", "integrations.other_names"),
        ("icon_url", "integrations.other_pictures"),
    ):
        hooks = (r for r in resources if isinstance(r, IncomingWebhook))
        if any(isinstance(getattr(r, field), str) and getattr(r, field) for r in hooks):
            names.add(name)
    return tuple(Setting(name=name, value=True) for name in sorted(names))


_ATTRIBUTES = {
    "ldap": {
        "id_attribute": "entryUUID",
        "username_attribute": "uid",
        "email_attribute": "mail",
        "name_attribute": "cn",
    },
    "saml": {"username_attribute": "username", "email_attribute": "email"},
}
"""What the server wants to be told before it switches a way of sign-in on; of a directory as
OpenLDAP has it.
"""


def _attributes(resources: Collection[Resource]) -> tuple[Resource, ...]:
    on = {r.name for r in resources if isinstance(r, Setting)}
    return tuple(
        Setting(name=f"sign_in.{way}.{name}", value=value)
        for way, names in _ATTRIBUTES.items()
        if f"sign_in.{way}.enabled" in on
        for name, value in names.items()
    )


def _room(resources: Collection[Resource]) -> tuple[Resource, ...]:
    """Room in the teams. The account that runs makes the teams and so is in each as well."""
    largest = max(
        (
            len(r.members)
            for r in resources
            if isinstance(r, TeamMembers) and isinstance(r.members, frozenset)
        ),
        default=0,
    )
    if largest + 1 <= PEOPLE_PER_TEAM:
        return ()
    # In steps, so that a person more does not change a setting of the server each time.
    room = -(-(largest + 1) // 100) * 100
    return (Setting(name="limits.people_per_team", value=room, compare=Compare.AT_LEAST),)
