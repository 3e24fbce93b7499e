"""What one neutral setting is on this server: the ids that hold it, and both directions.

Ids, types and defaults as `GET settings` of 6.5 and 8.3 lists them. The server stores whatever it
is sent, of any type, so what is written here is already what the server expects.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from chatops.resources import SettingValue
from chatops.secrets import Secret

__all__ = ["Entry", "Unfit", "Wire", "as_int", "as_text", "entry", "secret", "text"]

Wire: TypeAlias = Mapping[str, Any]
"""Values by the server's own ids."""


class Unfit(ValueError):
    """A value that the server would store and then not understand."""


@dataclass(frozen=True)
class Entry:
    """One neutral setting.

    `ids` it owns, the first one is its identifier; `beside` it reads as well, and knows them when
    it writes: ids that others own, or share. `service` is the sign-in service that must be made
    before the ids are there.
    """

    ids: tuple[str, ...]
    read: Callable[[Wire], SettingValue]
    write: Callable[[Any, Wire], Wire]
    beside: tuple[str, ...] = ()
    service: str = ""


def entry(
    ids: tuple[str, ...],
    read: Callable[[Wire], SettingValue],
    write: Callable[[Any], Wire],
) -> Entry:
    """A setting that needs to know nothing but its value."""
    return Entry(ids, read, lambda value, there: write(value))


def text(ident: str, service: str = "") -> Entry:
    """A text in one id."""
    return Entry(
        (ident,), lambda w: as_text(w[ident]), lambda v, there: {ident: v}, service=service
    )


def secret(ident: str, service: str = "") -> Entry:
    """A secret in one id; to an admin the server shows it."""

    def read(wire: Wire) -> SettingValue:
        value = as_text(wire[ident])
        return Secret(value) if value else ""

    def write(value: Any, there: Wire) -> Wire:
        return {ident: value.reveal() if isinstance(value, Secret) else value}

    return Entry((ident,), read, write, service=service)


def as_text(value: Any) -> str:
    """What a text should be; anything may have been stored."""
    return "" if value is None else str(value)


def as_int(value: Any) -> int:
    """What a number should be."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
