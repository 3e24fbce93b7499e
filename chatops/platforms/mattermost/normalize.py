"""How Mattermost stores what it is given: the form in which a wanted thing is compared."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatops.platforms.mattermost.permissions import COMPOSED, IMPLIED
from chatops.platforms.mattermost.settings import mailbox
from chatops.resources import Channel, Kind, Role, Setting, Team, User

__all__ = ["LOCALES", "NORMALIZE", "SPOKEN", "one_line"]

# public/shared/i18n: what is not in this list is stored as English, without a word.
LOCALES = frozenset(
    {"de", "en", "en-AU", "es", "fr", "it", "hu", "nl", "pl", "pt-BR", "ro", "sv", "vi", "tr"}
    | {"bg", "ru", "uk", "fa", "ko", "zh-CN", "zh-TW", "ja"}
)
SPOKEN = f"Mattermost speaks {', '.join(sorted(LOCALES))}, and takes English for any other language"
"""What is said of a language that it does not speak."""


def one_line(text: str) -> str:
    """Text with each run of white space made one space."""
    return " ".join(text.split())


# Characters that names, display names and descriptions lose (public/model: SanitizeUnicode).
# Headers, purposes and positions keep them.
_DROPPED = re.compile(
    "[\u0340\u0341\u17a3\u17d3\u2028-\u202e\u206a-\u206f\ufff9-\ufffb\ufeff\ufffc"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def _role(role: Role) -> Role:
    """The words that stand for one thing each, and what goes with them."""
    changes: dict[str, Any] = {"may_not": _single(role.may_not)}
    if isinstance(role.may, frozenset):
        may = _single(role.may)
        also = frozenset().union(*(IMPLIED.get(word, frozenset()) for word in may))
        changes["may"] = may | (also - changes["may_not"])
    return replace(role, **changes)


def _single(words: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(COMPOSED.get(word, {word}) for word in words))


def _user(user: User) -> User:
    changes: dict[str, Any] = {}
    if isinstance(user.name, str):
        changes["name"] = one_line(_DROPPED.sub("", user.name))
    if isinstance(user.email, str):
        changes["email"] = user.email.strip().lower()
    if isinstance(user.locale, str):
        changes["locale"] = _locale(user.locale)
    return replace(user, **changes)


def _team(team: Team) -> Team:
    changes: dict[str, Any] = {}
    if isinstance(team.display_name, str):
        changes["display_name"] = _DROPPED.sub("", team.display_name).strip()
    if isinstance(team.description, str):
        changes["description"] = _DROPPED.sub("", team.description)
    return replace(team, **changes)


def _channel(channel: Channel) -> Channel:
    if isinstance(channel.display_name, str):
        return replace(channel, display_name=_DROPPED.sub("", channel.display_name).strip())
    return channel


def _setting(setting: Setting) -> Setting:
    value = setting.value
    if setting.name == "sign_in.email_domains" and isinstance(value, tuple):
        value = tuple(sorted({domain.strip().strip("@").lower() for domain in value}))
    elif setting.name == "smtp.from" and isinstance(value, str):
        name, address = mailbox(value)
        value = f"{name} <{address}>" if name else address
    elif setting.name == "storage.files.endpoint" and isinstance(value, str):
        value = _endpoint(value)
    elif setting.name == "sign_in.oidc.issuer" and isinstance(value, str):
        value = value.rstrip("/")
    elif setting.name == "company.locale" and isinstance(value, str):
        value = _locale(value)
    elif setting.name == "company.name" and isinstance(value, str):
        value = value.strip()
    return setting if value is setting.value else replace(setting, value=value)


def _locale(text: str) -> str:
    """The language as the server writes it; of a country, or without it; else English."""
    spelled = {locale.lower(): locale for locale in LOCALES}
    asked = text.strip().replace("_", "-").lower()
    return spelled.get(asked) or spelled.get(asked.partition("-")[0]) or "en"


def _endpoint(text: str) -> str:
    match = re.fullmatch(r"(?:(https?)://)?(.*?)/*", text.strip(), re.IGNORECASE)
    if match is None or not match[2]:
        return "https://s3.amazonaws.com"  # What the server fills in.
    return f"{(match[1] or 'https').lower()}://{match[2].lower()}"


NORMALIZE: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.SETTING: _setting,
    Kind.ROLE: _role,
    Kind.USER: _user,
    Kind.TEAM: _team,
    Kind.CHANNEL: _channel,
}
