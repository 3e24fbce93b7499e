"""`livechat/business-hour` and `livechat/business-hours.save`: the one set of hours there is.

From apps/meteor/app/livechat/server/business-hour of RocketChat/Rocket.Chat (8.x): Default.ts,
AbstractBusinessHour.ts, LivechatBusinessHours.ts. Not recorded. The sandbox has no jobs that go by
the clock: whether the hours are open is looked up when somebody asks.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chatops.sandbox.rocketchat.refusals import failure
from chatops.sandbox.rocketchat.state import State, long_id
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
SWITCH = "Livechat_enable_business_hours"
DEFAULT = "default"
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")  # What the server makes of a name that is none.


def _moment(day: str, time: str, zone: ZoneInfo) -> datetime:
    """The moment of this week that a day and a time mean."""
    hours, _, minutes = time.partition(":")
    today = datetime.now(zone)
    monday = today - timedelta(days=today.weekday())
    start = monday.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + timedelta(
        days=WEEK.index(day) if day in WEEK else 0,
        hours=int(hours or 0),
        minutes=int(minutes[:2] or 0),
    )


def _times(day: str, time: str, zone: ZoneInfo) -> Doc:
    utc = _moment(day, time, zone).astimezone(UTC)
    shown = {"dayOfWeek": utc.strftime("%A"), "time": utc.strftime("%H:%M")}
    return {"time": time, "utc": shown, "cron": shown}


def default_hours(state: State) -> Doc:
    """The hours that every server is born with."""
    found: Doc | None = next((h for h in state.hours.all() if h["type"] == DEFAULT), None)
    if found is not None:
        return found
    zone = _zone("UTC")
    days = [
        {
            "day": day,
            "start": _times(day, "08:00", zone),
            "finish": _times(day, "20:00", zone),
            "code": code,
            "open": day not in ("Saturday", "Sunday"),
        }
        for code, day in enumerate(WEEK, 1)
    ]
    row: Doc = {"_id": long_id(), "name": "", "active": True, "type": DEFAULT}
    row |= {"ts": state.now(), "workHours": days, "timezone": {"name": "UTC", "utc": "0"}}
    return state.hours.put(row["_id"], row)


def open_now(state: State) -> bool:
    """Whether somebody may be there to answer, as far as the hours go."""
    if state.settings[SWITCH] is not True:
        return True
    hours = default_hours(state)
    zone, now = _zone(hours["timezone"]["name"]), datetime.now(UTC)
    return any(
        _moment(h["day"], h["start"]["time"], zone)
        <= now
        < _moment(h["day"], h["finish"]["time"], zone)
        for h in hours["workHours"]
        if h["open"]
    )


@routes.get("livechat/business-hour", permissions=("view-livechat-business-hours",))
def business_hour(call: Call) -> Doc:
    """The hours, whether they count or not."""
    query = call.query
    if query.get("type", DEFAULT) != DEFAULT:
        return {"businessHour": None}
    return {"businessHour": default_hours(call.state)}


@routes.post("livechat/business-hours.save")
def save(call: Call) -> None:
    """Write the hours; without an identifier nothing is written, and nothing said."""
    body = dict(call.body)
    row = call.state.hours.get(str(body.get("_id") or ""))
    if row is None:
        return
    name = body.pop("timezoneName")
    zone = _zone(name)
    hours = []
    for hour in body["workHours"]:
        start, finish = (_moment(hour["day"], hour[key], zone) for key in ("start", "finish"))
        if hour["open"] and finish < start:
            raise failure("error-business-hour-finish-time-before-start-time")
        if hour["open"] and finish == start:
            raise failure("error-business-hour-finish-time-equals-start-time")
        times = {key: _times(hour["day"], hour[key], zone) for key in ("start", "finish")}
        hours.append({**hour, **times})
    offset = datetime.now(zone).strftime("%z")
    body |= {"workHours": hours, "active": bool(body["active"])}
    body["timezone"] = {"name": name, "utc": f"{offset[:3]}:{offset[3:5]}"}
    call.state.hours.put(row["_id"], {**row, **body, "_updatedAt": call.state.now()})
