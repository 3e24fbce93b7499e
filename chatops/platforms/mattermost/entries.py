"""What an entry of the table of settings is, and the usual ways to make one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatops.resources import UNKNOWN, Maybe
from chatops.secrets import Secret

__all__ = [
    "MASK",
    "Config",
    "Entry",
    "Keys",
    "masked",
    "plain",
    "read_key",
    "revealed",
    "shown",
    "spelled",
]

Config = Mapping[str, Any]
Keys = dict[str, Any]
"""Product keys as `Section.Key` → value; `Section.Map.name.key` for one inside a map."""

MASK = "*" * 32
"""How the server shows a secret that is set (config: FakeSetting)."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One setting of ours: the product keys that are its own, and both directions.

    `of_site`: keys that follow from the server's own address when it is switched on. `file`: the
    call that takes the value as a file, and sets the key itself.
    `plugin`: what must be installed before it can be written.
    """

    name: str
    keys: tuple[str, ...]
    decode: Callable[[Config], Maybe[Any]]
    encode: Callable[[Any], Keys]
    secret: bool = False
    of_site: Callable[[str], Keys] | None = None
    file: str = ""
    plugin: str = ""


def read_key(config: Config, key: str, default: Any = "") -> Any:
    """The value of `Section.Key`; a server that is too old to have it gives the default."""
    value: Any = config
    for name in key.split("."):
        value = value.get(spelled(value, name)) if isinstance(value, Mapping) else None
    return default if value is None else value


def spelled(held: Mapping[str, Any], name: str) -> str:
    """How a map spells a name: plugins' keys are the same in any letter case."""
    if name in held:
        return name
    return next((n for n in held if n.casefold() == name.casefold()), name)


def plain(name: str, key: str, default: Any = "") -> Entry:
    """One key of the same meaning."""
    return Entry(
        name=name,
        keys=(key,),
        decode=lambda config: read_key(config, key, default),
        encode=lambda value: {key: value},
    )


def masked(name: str, key: str) -> Entry:
    """A secret that the server never shows again."""
    return Entry(
        name=name,
        keys=(key,),
        decode=lambda config: UNKNOWN if read_key(config, key) else "",
        encode=lambda value: {key: revealed(value)},
        secret=True,
    )


def shown(name: str, key: str) -> Entry:
    """A secret that the server shows in clear to an administrator."""

    def decode(config: Config) -> Maybe[Any]:
        value = read_key(config, key)
        if not value:
            return ""
        return UNKNOWN if value == MASK else Secret(value)

    return Entry(
        name=name,
        keys=(key,),
        decode=decode,
        encode=lambda value: {key: revealed(value)},
        secret=True,
    )


def revealed(value: Any) -> str:
    """The text of a secret, for the call that needs it."""
    return value.reveal() if isinstance(value, Secret) else str(value)
