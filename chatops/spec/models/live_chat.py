"""Keys about the chat with customers on the company's website."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from chatops.spec.models.types import Email, Line, Model, Text, Url
from chatops.spec.text import quoted

__all__ = ["DAYS", "Department", "LiveChat", "Widget", "opening_hours"]

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _colour(value: str) -> str:
    if not re.fullmatch(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", value):
        raise PydanticCustomError("colour", 'not a colour: write it quoted, as "#0a5" or "#00aa55"')
    return value


def _days(key: str) -> tuple[str, ...]:
    first, dash, last = key.strip().lower().partition("-")
    known = first in DAYS and (not dash or last in DAYS)
    if not known or (dash and DAYS.index(first) > DAYS.index(last)):
        raise PydanticCustomError(
            "days", "`{key}` is no day: write monday, or monday-friday", {"key": key}
        )
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


_SPAN: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_NEARLY: Final = re.compile(
    r"\s*([0-9]{1,2})([:.h]([0-9]{2}))?\s*[-–—]\s*([0-9]{1,2})([:.h]([0-9]{2}))?\s*", re.ASCII
)


def _hours(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    seen: set[str] = set()
    for key, span in value.items():
        days = set(_days(str(key)))
        if days & seen:
            raise PydanticCustomError(
                "days", "`{key}` says a day that was said before", {"key": str(key)}
            )
        seen |= days
        if span != "closed" and not _open(span):
            raise _no_hours(str(key), span)
    return value


def _open(span: Any) -> bool:
    found = _SPAN.fullmatch(span) if isinstance(span, str) else None
    return found is not None and found[1] + found[2] < found[3] + found[4] <= "2400"


def _no_hours(day: str, span: Any) -> PydanticCustomError:
    """What is wrong with these hours, and how they are written."""
    wrong, write = "not opening hours", "08:00-16:00"
    found = _NEARLY.fullmatch(span) if isinstance(span, str) else None
    if found is not None:
        first, last = (f"{int(found[n]):02}:{found[n + 2] or '00'}" for n in (1, 4))
        if _open(f"{first}-{last}"):
            write = f"{first}-{last}"
            wrong = "an hour and its minutes have two digits each"
            if len(found[1]) == len(found[4]) == 2 and found[2] and found[5]:
                wrong = "two times have one - between them, and no blanks"
        elif first >= last:
            wrong = "it ends before it begins; what is behind midnight belongs to the next day"
        else:
            wrong = "a day ends at 24:00"
    shown = quoted(span) if isinstance(span, str) else "this"
    hint = f'write {day}: "{write}", quoted, or closed'
    return PydanticCustomError(
        "hours",
        "{day}, {shown}: {wrong}",
        {"day": day, "shown": shown, "wrong": wrong, "hint": hint},
    )


def opening_hours(value: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Each open day with its first and last minute, in the order of the week."""
    found: dict[str, tuple[str, str, str]] = {}
    for key, span in value.items():
        for day in _days(key):
            if span != "closed":
                start, _, end = span.partition("-")
                found[day] = (day, start, end)
    return tuple(found[day] for day in DAYS if day in found)


Colour = Annotated[str, AfterValidator(_colour)]
Hours = Annotated[dict[str, str], BeforeValidator(_hours)]


class Department(Model):
    """People who answer customers."""

    name: Line = Field(min_length=1, max_length=64, description="Its name, as customers see it.")
    agents: list[Line] | None = Field(None, description="Who answers: user names or group:NAME.")
    email: Email | None = Field(None, description="Where messages go when nobody is there.")
    description: Line | None = Field(None, description="What it is for.")


class Widget(Model):
    """What the customer sees."""

    title: Line | None = Field(None, description="The words on it.")
    color: Colour | None = Field(None, description='Its colour, quoted: "#0a5".')


class LiveChat(Model):
    """Chat with customers on the company's website."""

    website: Url | None = Field(None, description="The website that may show the chat.")
    departments: list[Department] | None = Field(None, description="Who answers.")
    hours: Hours | None = Field(
        None,
        description="When somebody is there: days and spans, in company.timezone.",
        examples=[{"monday-friday": "08:00-16:00"}],
    )
    offline_message: Text | None = Field(None, description="What is said when nobody is there.")
    widget: Widget | None = Field(None, description="What the customer sees.")
