"""Which feature of the support table a key of the company file asks for, and the other way."""

from collections.abc import Mapping
from typing import Final

from chatops.resources import ADMIN, GUEST, KINDS, MEMBER, Kind, field_names
from chatops.spec.models import PERMISSIONS

__all__ = ["FEATURES", "feature_of_key", "keys_of_feature"]

_BLOCKS: Final[Mapping[str, Kind]] = {
    "users[]": Kind.USER,
    "roles[]": Kind.ROLE,
    "teams[]": Kind.TEAM,
    "teams[].channels[]": Kind.CHANNEL,
    "direct_messages[]": Kind.DIRECT_MESSAGE,
    "integrations.incoming_webhooks[]": Kind.INCOMING_WEBHOOK,
    "integrations.outgoing_webhooks[]": Kind.OUTGOING_WEBHOOK,
    "integrations.slash_commands[]": Kind.SLASH_COMMAND,
    "integrations.bots[]": Kind.BOT,
    "integrations.emoji[]": Kind.EMOJI,
    "live_chat.departments[]": Kind.DEPARTMENT,
}
_OTHERWISE: Final[Mapping[str, str]] = {
    "users[].roles": "user.roles",
    "users[].teams": "team-members.members",
    "users[].renamed_from": "user.rename",
    "roles[].maps_to": "user.roles",
    "roles[].may_not": "role.may",
    "teams[].visibility": "team.open",
    "teams[].leads": "team-members.leads",
    "teams[].members": "team-members.members",
    "teams[].membership": "team-members.members",
    "teams[].renamed_from": "team.rename",
    "teams[].channels[].leads": "members.leads",
    "teams[].channels[].members": "members.members",
    "teams[].channels[].membership": "members.members",
    "teams[].channels[].pinned": "pinned.texts",
    "teams[].channels[].renamed_from": "channel.rename",
    "direct_messages[].members": "direct-message",
    "integrations.emoji[].file": "emoji.picture",
    "live_chat.hours": "business-hours.days",
}
_SETTINGS: Final = ("company.", "smtp.", "sign_in.", "storage.", "live_chat.")
_NO_FEATURE: Final = ("company.domain", "storage.database", "sign_in.break_glass")


_NAMES: Final = {Kind.USER: "username", Kind.TEAM: "name", Kind.CHANNEL: "name"}
"""The field that a rename writes."""


def feature_of_key(key: str) -> str | None:
    """The feature behind a key (`teams[].channels[].posting` → `channel.posting`).

    None for a key that every platform takes, since chatops itself or the installer heeds it.
    """
    if key in _OTHERWISE:
        return _OTHERWISE[key]
    block, _, name = key.rpartition(".")
    listed = f"{key.removesuffix('[]')}[]"
    if listed in _BLOCKS:
        return _BLOCKS[listed].value
    if block in _BLOCKS:
        return f"{_BLOCKS[block]}.{name}"
    if key == "sign_in.onboarding":
        return "onboarding"
    if key.startswith(_SETTINGS) and not key.startswith(_NO_FEATURE):
        return f"setting.{key}"
    return None


def keys_of_feature(feature: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the language's keys that ask for a feature."""
    return tuple(k for k in keys if feature_of_key(k) == feature)


def _features() -> tuple[str, ...]:
    found: list[str] = []
    for kind, model in KINDS.items():
        if kind is Kind.SETTING:
            continue
        names = [n for n in field_names(model) if n != _NAMES.get(kind)]
        found += [f"{kind}.{name}" for name in names]
        if kind in (Kind.USER, Kind.TEAM, Kind.CHANNEL):
            found.append(f"{kind}.rename")
        if kind is Kind.DIRECT_MESSAGE:
            found += ["direct-message", "direct-message.group"]
    found += [f"role.{role}" for role in (ADMIN, MEMBER, GUEST)] + ["role.own"]
    found += [f"permission.{word}" for word in PERMISSIONS]
    found += [f"onboarding.{way}" for way in ("mail", "file", "sso")]
    return tuple(dict.fromkeys(found))


FEATURES: Final = _features()
"""Every feature but the settings, which each platform lists by itself."""
