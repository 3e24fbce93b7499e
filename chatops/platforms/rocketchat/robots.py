"""Which accounts are programs: they are no people of the company.

The server calls only its own bot and those of apps `bot` or `app`; no call makes an account of
that type. What is left are roles, and role `bot` alone tells nothing: the server gives it to every
person whom somebody lets a webhook write as (apps/meteor/app/integrations/server/methods/incoming
in RocketChat/Rocket.Chat, 8.x). So a bot of ours has an address that says it has no mailbox.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["NO_MAIL", "ROLE", "is_robot", "no_mailbox", "without_mailbox"]

ROLE = "bot"
NO_MAIL = "no-mail-"
DOMAIN = "bot.invalid"
"""Reserved: no mail ever goes there (RFC 2606)."""

PEOPLE = frozenset({"user", "admin", "guest"})


def no_mailbox(username: str, domain: str = DOMAIN) -> str:
    """The address of a bot: accounts must have one."""
    return f"{NO_MAIL}{username}@{domain}".lower()


def without_mailbox(row: Mapping[str, Any]) -> bool:
    """Whether an account has such an address: we made it."""
    emails = row.get("emails")
    first = emails[0] if isinstance(emails, list) and emails else {}
    start = f"{NO_MAIL}{row.get('username')}@".lower()
    return str(first.get("address") or "").lower().startswith(start)


def is_robot(row: Mapping[str, Any]) -> bool:
    """Whether an account, as `users.list` or `users.info` shows it, is a program's."""
    roles = frozenset(row.get("roles") or ())
    plain = ROLE in roles and not roles & PEOPLE
    return row.get("type", "user") != "user" or plain or without_mailbox(row)
