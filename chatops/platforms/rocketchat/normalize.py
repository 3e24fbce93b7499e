"""What is wanted, in the form in which Rocket.Chat keeps it: pure, and never the key."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatops.platforms.rocketchat.permissions import COMPOSED
from chatops.platforms.rocketchat.settings import Unfit, encode
from chatops.platforms.rocketchat.settings.live_chat import colour, origin
from chatops.resources import BusinessHours, Channel, Kind, Resource, Role, Setting, Team, User

__all__ = ["NORMALIZE"]


def _user(user: User) -> User:
    changed: dict[str, Any] = {}
    if isinstance(user.name, str):
        changed["name"] = " ".join(user.name.split())
    if isinstance(user.email, str):
        changed["email"] = user.email.strip().lower()
    return replace(user, **changed)


def _team(team: Team) -> Team:
    return replace(team, **_stripped(team, "description"))


def _channel(channel: Channel) -> Channel:
    return replace(channel, **_stripped(channel, "topic", "purpose"))


def _stripped(resource: Resource, *names: str) -> dict[str, Any]:
    values = ((name, getattr(resource, name)) for name in names)
    return {name: value.strip() for name, value in values if isinstance(value, str)}


def _role(role: Role) -> Role:
    """A word that is no more than others together is written as those."""
    may = _words(role.may) if isinstance(role.may, frozenset) else role.may
    return replace(role, may=may, may_not=_words(role.may_not))


def _words(words: frozenset[str]) -> frozenset[str]:
    return frozenset(part for word in words for part in COMPOSED.get(word, (word,)))


SHAPED: Mapping[str, Callable[[str], str]] = {
    "live_chat.website": origin,
    "live_chat.widget.color": colour,
}


def _setting(setting: Setting) -> Setting:
    """The locale as the server names it ("vi" is "vi-VN"), addresses without a last slash."""
    value = setting.value
    if setting.name == "company.locale" and isinstance(value, str):
        try:
            return replace(setting, value=encode(setting.name, value)["Language"])
        except Unfit:
            return setting
    if setting.name in SHAPED and isinstance(value, str):
        return replace(setting, value=SHAPED[setting.name](value))
    if setting.name == "sign_in.email_domains" and isinstance(value, tuple):
        return replace(setting, value=tuple(sorted({d.strip().lower() for d in value})))
    return setting


def _hours(hours: BusinessHours) -> BusinessHours:
    """The last minute of a day: at 24:00 the server would count into the day after."""
    if not isinstance(hours.days, tuple):
        return hours
    return replace(hours, days=tuple(day.replace("-24:00", "-23:59") for day in hours.days))


NORMALIZE: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.SETTING: _setting,
    Kind.ROLE: _role,
    Kind.USER: _user,
    Kind.TEAM: _team,
    Kind.CHANNEL: _channel,
    Kind.BUSINESS_HOURS: _hours,
}
