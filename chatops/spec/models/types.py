"""What a value of the company file can be: names, lines, addresses, secrets, sizes, times.

These models end at `core.desired`: past it only frozen dataclasses travel. A key that is left
out stays None, which means: not managed, unless the field says otherwise.
"""

import ipaddress
import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chatops.secrets import REFERENCE
from chatops.spec.alphabets import latin, named, strangers
from chatops.spec.text import quoted
from chatops.spec.zones import is_zone, zone_hint

__all__ = [
    "Address",
    "ClockTime",
    "Duration",
    "Email",
    "Line",
    "Membership",
    "MembershipField",
    "Model",
    "Removals",
    "SecretReference",
    "Size",
    "Slug",
    "Text",
    "TimeZone",
    "Unmanaged",
    "Unsupported",
    "Url",
    "exact_number",
    "slug_like",
]


class Model(BaseModel):
    """A block of keys: closed, of exact types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


def _slug(value: str) -> str:
    sound = all(c.isascii() and (c.isalnum() or c in "._-") for c in value)
    if value and sound and value == value.lower():
        return value
    like = slug_like(value)
    odd = strangers(value)
    if odd and like:
        raise PydanticCustomError(
            "look_alike",
            "its {letter} is {name}, which only looks like {other}",
            {"letter": odd[0], "name": named(odd[0]), "other": latin(odd[0]), "like": like},
        )
    if not like:
        raise PydanticCustomError(
            "slug", "a name is made of the letters a-z, digits, and the signs . _ -", {}
        )
    if sound:
        raise PydanticCustomError("slug", "names are lower-case: write `{like}`", {"like": like})
    raise PydanticCustomError(
        "slug",
        "a name is made of the letters a-z, digits, and the signs . _ -: write `{like}`",
        {"like": like},
    )


_SPELLED = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})


def slug_like(value: str) -> str:
    """A sound name that reads like this text; empty where there is none."""
    text = latin(value).lower().translate(_SPELLED).replace("ß", "ss")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = "".join(c if c.isalnum() or c in "._-" else "-" for c in text)
    while "--" in text:
        text = text.replace("--", "-")
    return text.strip("-._")[:64]


def _one_line(value: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise PydanticCustomError("one_line", "must be one line, without control characters", {})
    return value


def _text(value: str) -> str:
    bad = next((c for c in value if (ord(c) < 32 and c not in "\n\t") or ord(c) == 127), None)
    if bad is not None:
        raise PydanticCustomError(
            "control", "holds a control character (U+{code})", {"code": f"{ord(bad):04X}"}
        )
    return value


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    sound = (
        at
        and local
        and "." in domain
        and not domain.startswith(".")
        and not domain.endswith(".")
        and ".." not in domain
        and not any(c.isspace() or c in '<>,;:"()[]\\@' for c in local + domain)
    )
    if not sound:
        raise PydanticCustomError("email", "not an e-mail address", {})
    return value


def _url(value: str) -> str:
    scheme, sep, rest = value.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("http", "https") or not sep or not host or any(c.isspace() for c in value):
        raise PydanticCustomError(
            "url", "not an address: it begins with https:// and has a host", {}
        )
    if "@" in host:
        raise PydanticCustomError("url", "an address holds no name or password", {})
    return value.rstrip("/")


def _secret(value: str) -> str:
    if not REFERENCE.fullmatch(value):
        raise PydanticCustomError(
            "secret", "a secret is never written here: write env:NAME, file:PATH or vault:NAME", {}
        )
    return value


_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}


def _size(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip()
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
        unit = _UNITS.get(text[len(digits) :].strip().lower())
        if digits.isascii() and digits.isdigit() and unit is not None:
            return int(digits) * unit
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("size", "not a size: write a number with a unit, as 100MiB", {})


def exact_number(value: Any) -> Any:
    """A whole number that was written as one."""
    # To Python True and 1.0 are 1; to a reader of the file they are not.
    return value if type(value) is int else None


def _removals(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}%", value) and int(value[:-1]) <= 100:
        return value
    raise PydanticCustomError("removals", 'a number of things (10), or a share ("25%")', {})


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise PydanticCustomError("address", "not an IP address", {}) from None


def _clock(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value.strip()):
        return value.strip().zfill(5)
    raise PydanticCustomError("clock", 'not a time of day: write it quoted, as "02:30"', {})


_DAYS: Final = {"d": 1, "w": 7, "m": 30, "y": 365}


def _duration(value: Any) -> Any:
    """Days, or 0 for ever."""
    if value == "forever":
        return 0
    if isinstance(value, str) and (found := re.fullmatch(r"([1-9][0-9]{0,3})([dwmy])", value)):
        return int(found[1]) * _DAYS[found[2]]
    raise PydanticCustomError("duration", "not a span of time: write forever, 90d, 6m or 3y", {})


def _zone(value: str) -> str:
    if value and not is_zone(value):
        raise PydanticCustomError(
            "timezone", "{zone} is no time zone", {"zone": quoted(value), "hint": zone_hint(value)}
        )
    return value


Slug = Annotated[str, AfterValidator(_slug), Field(max_length=64)]
Line = Annotated[str, AfterValidator(_one_line)]
Text = Annotated[str, AfterValidator(_text)]
Email = Annotated[str, AfterValidator(_one_line), AfterValidator(_email)]
TimeZone = Annotated[str, AfterValidator(_one_line), AfterValidator(_zone)]
Url = Annotated[str, AfterValidator(_one_line), AfterValidator(_url)]
SecretReference = Annotated[str, AfterValidator(_secret)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=1)]
Address = Annotated[str, AfterValidator(_address)]
ClockTime = Annotated[str, BeforeValidator(_clock)]
Duration = Annotated[int, BeforeValidator(_duration)]
Removals = Annotated[int | str, BeforeValidator(_removals)]


class Membership(StrEnum):
    """Whether people who are in and not listed stay."""

    ADDITIVE = "additive"
    EXACT = "exact"


class Unmanaged(StrEnum):
    """What happens to teams and channels that the file does not list."""

    REPORT = "report"
    ARCHIVE = "archive"
    IGNORE = "ignore"


class Unsupported(StrEnum):
    """What happens to keys that the platform cannot hold."""

    REFUSE = "refuse"
    NOTE = "note"


MembershipField = Annotated[Membership, Field(strict=False)]
