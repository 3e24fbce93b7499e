"""What the workspace remembers: the collections, their indexes, and small look-ups over them."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from chatops.sandbox.rocketchat.licences import Licence
from chatops.sandbox.rocketchat.settings_table import SettingsTable
from chatops.sandbox.store import Doc, Store

# Letters that nobody mistakes for another, as in the server's own identifiers.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
CAT = "rocket.cat"
GENERAL = "GENERAL"


def short_id() -> str:
    """An identifier as people, messages and tokens have it."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in secrets.token_bytes(17))


def long_id() -> str:
    """An identifier as rooms, teams and subscriptions have it."""
    return secrets.token_hex(12)


def hashed(token: str) -> str:
    """A login token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


class Clock:
    """Times that never repeat, so that what came first also sorts first."""

    def __init__(self) -> None:
        self._last = datetime.now(UTC) - timedelta(seconds=1)

    def now(self) -> str:
        """The time as the server writes it."""
        moment = max(datetime.now(UTC), self._last + timedelta(milliseconds=1))
        self._last = moment
        return stamp(moment)


def stamp(moment: datetime) -> str:
    """A time in the server's writing."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def moment(text: str) -> datetime:
    """A time out of the server's writing, or out of milliseconds. ValueError where it is none."""
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def milliseconds(text: str) -> int:
    """A time as a number, for those who want one."""
    return int(moment(text).timestamp() * 1000)


def _email(user: Doc) -> str | None:
    return user["emails"][0]["address"].lower() if user.get("emails") else None


def _name(room: Doc) -> str | None:
    return room["name"] if room["t"] in "cp" and room.get("name") else None


def _people(room: Doc) -> Any:
    return tuple(sorted(room["uids"])) if room["t"] == "d" else None


class State:
    """All collections of a workspace."""

    licence: Licence | None = None
    air_gapped = False
    """Whether the vendor's cloud was never reached: nobody can write then."""

    def __init__(self, store: Store, site_url: str) -> None:
        self.store = store
        self.site_url = site_url
        self.clock = Clock()
        self.users = store.collection(
            "users",
            unique={"username": lambda u: u["username"].lower(), "email": _email},
            multi={
                "role": lambda u: "admin" if "admin" in u["roles"] else None,
                "here": lambda u: True if u["status"] != "offline" else None,
            },
        )
        self.sessions = store.collection("sessions", multi={"user": lambda s: s["userId"]})
        self.rooms = store.collection(
            "rooms",
            unique={"name": _name, "people": _people},
            multi={
                "kind": lambda r: r["t"],
                "team": lambda r: r.get("teamId"),
                "default": lambda r: True if r.get("default") else None,
                "parent": lambda r: r.get("prid"),
            },
        )
        self.subs = store.collection(
            "subscriptions",
            unique={"member": lambda s: (s["rid"], s["u"]["_id"])},
            multi={
                "room": lambda s: s["rid"],
                "user": lambda s: s["u"]["_id"],
                "owners": lambda s: s["rid"] if "owner" in s.get("roles", ()) else None,
            },
        )
        self.teams = store.collection(
            "teams",
            unique={"name": lambda t: t["name"].lower(), "room": lambda t: t["roomId"] or None},
        )
        self.team_members = store.collection(
            "team_members",
            unique={"member": lambda m: (m["teamId"], m["userId"])},
            multi={"team": lambda m: m["teamId"], "user": lambda m: m["userId"]},
        )
        self.messages = store.collection(
            "messages",
            multi={
                "room": lambda m: m["rid"],
                "author": lambda m: m["u"]["_id"] if not m.get("t") else None,
                "pinned": lambda m: m["rid"] if m.get("pinned") else None,
            },
        )
        self.grants = store.collection("permissions")
        self.roles = store.collection("roles")
        self.integrations = store.collection("integrations")
        self.emoji = store.collection("emoji", unique={"name": lambda e: e["name"]})
        self.emoji_pictures = store.collection("emoji_pictures")
        self.uploads = store.collection("uploads", multi={"room": lambda f: f["rid"]})
        self.contents = store.collection("contents")
        self.departments = store.collection("departments")
        self.hours = store.collection("business_hours")
        self.statuses = store.collection("statuses")
        self.meta = store.collection("meta")
        self.settings = SettingsTable(store.collection("settings"), site_url)

    def now(self) -> str:
        """The time, never twice the same."""
        return self.clock.now()

    def user(self, ident: Any) -> Doc | None:
        """A person by identifier; anything that is no text belongs to nobody."""
        return self.users.get(ident) if isinstance(ident, str) else None

    def named(self, username: Any) -> Doc | None:
        """A person by user name, whatever the case."""
        return self.users.find("username", username.lower()) if isinstance(username, str) else None

    def room(self, ident: Any) -> Doc | None:
        """A room by identifier."""
        return self.rooms.get(ident) if isinstance(ident, str) else None

    def room_named(self, name: Any) -> Doc | None:
        """A channel or group by its exact name."""
        return self.rooms.find("name", name) if isinstance(name, str) else None

    def sub(self, rid: str, uid: str) -> Doc | None:
        """Somebody's membership of a room."""
        return self.subs.find("member", (rid, uid))

    def subs_of(self, uid: str) -> list[Doc]:
        """Somebody's memberships, oldest first."""
        return sorted(self.subs.where("user", uid), key=lambda s: str(s["ts"]))

    def team(self, ident: Any) -> Doc | None:
        """A team by identifier."""
        return self.teams.get(ident) if isinstance(ident, str) else None

    def team_named(self, name: Any) -> Doc | None:
        """A team by its exact name."""
        team = self.teams.find("name", name.lower()) if isinstance(name, str) else None
        return team if team and team["name"] == name else None

    def save_user(self, user: Doc) -> Doc:
        """Write a person back."""
        user["_updatedAt"] = self.now()
        return self.users.put(user["_id"], user)

    def save_room(self, room: Doc) -> Doc:
        """Write a room back."""
        room["_updatedAt"] = self.now()
        return self.rooms.put(room["_id"], room)

    def save_sub(self, sub: Doc) -> Doc:
        """Write a membership back."""
        sub["_updatedAt"] = self.now()
        return self.subs.put(sub["_id"], sub)
