"""What may be said: identifiers, names and addresses, as Mattermost's model package checks them."""

import re
import uuid
from base64 import b32encode
from email.utils import parseaddr


def listed(text: str) -> list[str]:
    """The words of a text, for lists that read better so."""
    return text.split()


_ALPHABET = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"ybndrfg8ejkmcpqxot1uwisza345h769"
)

_USERNAME = re.compile(r"[a-z0-9.\-_]+")
_RESERVED_USERNAMES = {"all", "channel", "matterbot", "system"}
_TEAM_NAME = re.compile(r"[a-z0-9]+([a-z\-0-9]+|(__)?)[a-z0-9]+")
_RESERVED_TEAM_NAMES = listed(
    "admin api channel claim error files help landing login mfa oauth plug plugins post signup "
    "boards playbooks"
)
_CHANNEL_NAME = re.compile(r"[a-z0-9]+([a-z\-_0-9]+|(__)?)[a-z0-9]*")
_ROLE_NAME = re.compile(r"[a-z0-9_]+")
_GROUP_CHANNEL_NAME = re.compile(r"[a-f0-9]{40}")
_EMOJI_NAME = re.compile(r"[a-zA-Z0-9+_-]+")
_TRIGGER = re.compile(r"[a-zA-Z0-9_\-./]+")
# Marks that turn the direction of writing fall out of names.
_UNWANTED = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF])


def new_id() -> str:
    """26 letters and digits, as a server makes them."""
    return b32encode(uuid.uuid4().bytes)[:26].translate(_ALPHABET).decode()


def is_id(text: str) -> bool:
    """Whether this could be an identifier."""
    return len(text) == 26 and text.isalnum()


def is_username(text: str) -> bool:
    """1 to 64 of a-z 0-9 . - _ and no reserved word."""
    if not (1 <= len(text) <= 64 and text not in _RESERVED_USERNAMES):
        return False
    return _USERNAME.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """One plain lower-case address."""
    if text != text.lower() or text.count("@") != 1 or parseaddr(text)[1] != text:
        return False
    local, domain = text.split("@")
    return bool(local and domain) and not any(c.isspace() for c in text)


def is_team_name(text: str) -> bool:
    """At least two lower-case letters, digits or dashes."""
    return len(text) >= 2 and _TEAM_NAME.fullmatch(text) is not None


def is_reserved_team_name(text: str) -> bool:
    """Whether it begins with a word that the web application needs for its own pages."""
    return text.lower().startswith(tuple(_RESERVED_TEAM_NAMES))


def is_channel_name(text: str) -> bool:
    """One or more lower-case letters, digits, dashes or underscores."""
    return _CHANNEL_NAME.fullmatch(text) is not None


def looks_like_conversation(name: str) -> bool:
    """Whether a channel's name is of the form kept for direct and group messages."""
    if _GROUP_CHANNEL_NAME.fullmatch(name):
        return True
    parts = name.split("__")
    return len(parts) == 2 and all(is_id(part) for part in parts)


def is_role_name(text: str) -> bool:
    """1 to 64 of a-z 0-9 _."""
    return len(text) <= 64 and _ROLE_NAME.fullmatch(text) is not None


def is_user_roles(text: str) -> bool:
    """Whether a user may have these roles: `system_admin` never comes alone."""
    roles = text.split()
    return all(is_role_name(role) for role in roles) and roles != ["system_admin"]


def is_emoji_name(text: str) -> bool:
    """Up to 64 letters, digits and + - _."""
    return len(text) <= 64 and _EMOJI_NAME.fullmatch(text) is not None


def is_trigger(text: str) -> bool:
    """A word for a slash command, itself without the slash."""
    if not 1 <= len(text) <= 128 or text.startswith("/"):
        return False
    return _TRIGGER.fullmatch(text) is not None


def is_http_url(text: str) -> bool:
    """A link with a host."""
    return re.match(r"https?://[^/\s]+", text, re.IGNORECASE) is not None


def plain(text: str) -> str:
    """A name without marks that change the direction of writing."""
    return text.translate(_UNWANTED)


def rank(text: str) -> str:
    """A sort key near to the database's: capitals do not count, the underscore comes first."""
    return text.casefold().replace("_", "\x01")
