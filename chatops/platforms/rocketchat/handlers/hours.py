"""When somebody is there to answer: the one set of hours that every server has.

They count only while `Livechat_enable_business_hours` is on. Off, there are none to speak of, and
making them means to write and to switch them on.
"""

from collections.abc import Iterable
from typing import Any, Final

from chatops.errors import ApiError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.resources import BusinessHours, Ids, Live

__all__ = ["Hours"]

SWITCH: Final = "Livechat_enable_business_hours"
KIND: Final = "default"
WEEK: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHUT: Final = ("00:00", "23:59")
"""The times of a day that is closed: the server wants some."""


class Hours:
    """Reads and writes them whole."""

    removal = Removal.NONE

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[BusinessHours]]:
        """The hours, while they count."""
        if scope is not None and not scope:
            return
        if self._client.get(f"settings/{SWITCH}").get("value") is not True:
            return
        row = self._row()
        if row:
            yield Live(resource=_hours(row), id=str(row["_id"]))

    def create(self, want: BusinessHours, run: Run) -> Result:
        """Write them, then switch them on."""
        return Result(id=self._save(want, on=True))

    def update(self, change: Change[BusinessHours], run: Run) -> Result:
        """Write them."""
        if change.want is None:
            return Result()
        return Result(id=self._save(change.want, on=False))

    def remove(self, have: Live[BusinessHours], run: Run) -> Result:
        """They are never removed."""
        return Result()

    def _row(self) -> Row:
        found = self._client.get("livechat/business-hour", type=KIND).get("businessHour")
        return found if isinstance(found, dict) else {}

    def _save(self, want: BusinessHours, *, on: bool) -> str:
        row = self._row()
        if not row:
            raise ApiError(
                "the server has no business hours at all",
                status=0,
                code="no-hours",
                hint="it makes them when it starts: restart it",
            )
        there = _hours(row)
        days = want.days if isinstance(want.days, tuple) else there.days
        zone = want.timezone if isinstance(want.timezone, str) else there.timezone
        open_days = _open_days(days if isinstance(days, tuple) else ())
        body: dict[str, Any] = {
            "_id": str(row["_id"]),
            "name": str(row.get("name") or ""),
            "type": KIND,
            "active": True,
            "timezoneName": zone,
            "timezone": zone,
            "departmentsToApplyBusinessHour": "",
            "daysOpen": list(open_days),
            "workHours": [_day(day, open_days) for day in WEEK],
        }
        self._client.post("livechat/business-hours.save", body, repeatable=True)
        if on:
            self._client.post(f"settings/{SWITCH}", {"value": True}, repeatable=True)
        return str(row["_id"])


def _hours(row: Row) -> BusinessHours:
    spans = {}
    for hour in row.get("workHours") or ():
        if hour.get("open") is True:
            start, finish = (_time(hour.get(key)) for key in ("start", "finish"))
            spans[str(hour.get("day"))] = f"{start}-{finish}"
    zone = row.get("timezone")
    return BusinessHours(
        days=tuple(f"{day.lower()} {spans[day]}" for day in WEEK if day in spans),
        timezone=str((zone or {}).get("name") or "") if isinstance(zone, dict) else str(zone or ""),
    )


def _time(value: object) -> str:
    return str(value.get("time") or "") if isinstance(value, dict) else str(value or "")


def _open_days(days: Iterable[str]) -> dict[str, tuple[str, str]]:
    found = {}
    for text in days:
        day, _, span = text.partition(" ")
        start, _, finish = span.partition("-")
        found[day.capitalize()] = (start, finish)
    return {day: found[day] for day in WEEK if day in found}


def _day(day: str, open_days: dict[str, tuple[str, str]]) -> dict[str, Any]:
    start, finish = open_days.get(day, SHUT)
    return {"day": day, "start": start, "finish": finish, "open": day in open_days}
