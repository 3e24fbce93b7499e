"""A server's inventory as the company file that describes it: pure.

Only what differs from a fresh server is written, so that the file says what the company chose.
What the language has no key for is left out, and told; what its keys cannot hold is taken out
afterwards (`leaving_out`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from chatops.importers.draft import NO_NAME, Data, Draft, in_order
from chatops.importers.inventory import Inventory
from chatops.importers.settings import settings_of
from chatops.resources import ADMIN, GUEST, Channel, ChannelMembers, Kind, Live, Team
from chatops.spec.models import DAYS

__all__ = ["draft_company"]


def draft_company(inventory: Inventory) -> Draft:
    """The company file whose next plan changes nothing, if the language can say all of it."""
    drafting = _Drafting(inventory)
    return drafting.run()


class _Drafting:
    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.left_out: list[str] = []
        self.pictures: dict[str, bytes] = {}
        self.people = self._people()
        self.known = {p["username"] for p in self.people}
        self.active = {p["username"] for p in self.people if p.get("active") is not False}
        self.everyone = {
            p["username"]
            for p in self.people
            if p["username"] in self.active and GUEST not in p.get("roles", ())
        }
        self.channels: set[str] = set()
        self._by_name: dict[tuple[Kind, str], Any] = {
            (kind, live.key.folded.name): live.resource
            for kind, things in inventory.things.items()
            for live in reversed(things)
        }

    def run(self) -> Draft:
        inventory = self.inventory
        settings, secret = settings_of(inventory)
        company = settings.pop("company", {})
        company.setdefault("name", NO_NAME)
        domain = self._domain()
        if domain:
            company["domain"] = domain
        data: Data = {"version": 1, "company": company}
        data["chat"] = {
            "platform": inventory.platform,
            "edition": inventory.release.edition,
            "version": ".".join(map(str, inventory.release.version[:2])),
            "url": inventory.url,
        }
        data |= {k: v for k, v in settings.items() if k != "live_chat"}
        data["policy"] = {"unmanaged": "report", "membership": "additive", "max_removals": 10}
        roles = self._roles()
        if roles:
            data["roles"] = roles
        data["users"] = [{"from": "people.csv"}]
        data["teams"] = self._teams()
        integrations = self._integrations()
        if integrations:
            data["integrations"] = integrations
        live_chat = self._live_chat(settings.get("live_chat"))
        if live_chat is not None:
            data["live_chat"] = live_chat
        for name in secret:
            self.left_out.append(
                f"{name}: the server keeps a secret here and does not show it; it stays as it is"
            )
        return Draft(
            data=in_order(data),
            people=self.people,
            pictures=self.pictures,
            left_out=self.left_out,
        )

    def _domain(self) -> str:
        """The domain that most addresses are in."""
        count: dict[str, int] = {}
        for person in self.people:
            domain = str(person.get("email", "")).rpartition("@")[2]
            count[domain] = count.get(domain, 0) + bool(domain)
        return max(count, key=lambda d: (count[d], d), default="")

    def _people(self) -> list[Data]:
        found: list[Data] = []
        bots = {x.key.folded.name for x in self.inventory.of(Kind.BOT)}
        for live in self.inventory.of(Kind.USER):
            person = live.resource
            name = live.key.folded.name
            if live.protected or name in bots:
                continue
            active = person.active is not False
            if active and not _said(person.email):
                self.left_out.append(f"user {live.key.name}: has no e-mail address")
                continue
            row: Data = {"username": name}
            for key in ("name", "email", "title", "locale", "timezone"):
                value = getattr(person, key)
                if _said(value):
                    row[key] = value
            roles = person.roles if isinstance(person.roles, frozenset) else frozenset()
            high = [r for r in (ADMIN, GUEST) if r in roles]
            if high:
                row["roles"] = high[:1]
            if not active:
                row["active"] = False
            found.append(row)
        return found

    def _roles(self) -> list[Data]:
        """What roles may do otherwise than on a fresh server."""
        fresh = {x.key.folded: x.resource for x in self.inventory.facts.pristine}
        found: list[Data] = []
        for live in self.inventory.of(Kind.ROLE):
            role = live.resource
            before = fresh.get(live.key.folded)
            if role.own or before is None or not isinstance(role.may, frozenset):
                continue
            usual = before.may if isinstance(before.may, frozenset) else frozenset()
            row: Data = {"name": role.name}
            if role.may - usual:
                row["may"] = sorted(role.may - usual)
            if usual - role.may:
                row["may_not"] = sorted(usual - role.may)
            if len(row) > 1:
                found.append(row)
        return found

    def _teams(self) -> list[Data]:
        members = {x.key.folded.name: x.resource for x in self.inventory.of(Kind.TEAM_MEMBERS)}
        by_team: dict[str, list[Live[Any]]] = {}
        for live in self.inventory.of(Kind.CHANNEL):
            by_team.setdefault(live.key.folded.name.partition("/")[0], []).append(live)
        rows = {p["username"]: p for p in self.people}
        found: list[Data] = []
        for live in self.inventory.of(Kind.TEAM):
            if live.archived or live.protected:
                continue
            team: Team = live.resource
            name = live.key.folded.name
            row: Data = {"name": name}
            if _said(team.display_name) and team.display_name != name:
                row["display_name"] = team.display_name
            if _said(team.description):
                row["description"] = team.description
            if isinstance(team.open, bool):
                row["visibility"] = "open" if team.open else "invite"
            inside = members.get(name)
            leads = self._named(inside.leads if inside else None)
            if leads:
                row["leads"] = leads
            for person in self._named(inside.members if inside else None):
                if person not in leads:
                    rows[person].setdefault("teams", []).append(name)
            channels = [self._channel(x) for x in by_team.get(name, ())]
            listed = [c for c in channels if c is not None]
            if listed:
                row["channels"] = listed
            found.append(row)
        return found

    def _channel(self, live: Live[Any]) -> Data | None:
        if live.archived:
            return None
        channel: Channel = live.resource
        team, _, name = live.key.folded.name.partition("/")
        self.channels.add(f"{team}/{name}")
        row: Data = {"name": name}
        title = _title(live)
        if title and title != name:
            row["display_name"] = channel.display_name
        for key in ("topic", "purpose"):
            if _said(getattr(channel, key)):
                row[key] = getattr(channel, key)
        if channel.private is True:
            row["private"] = True
        if channel.posting == "leads":
            row["posting"] = "leads"
        if channel.default is True:
            row["default"] = True
        pins = self._beside(Kind.PINNED, live.key.folded.name)
        if pins is not None and pins.texts:
            row["pinned"] = sorted(pins.texts)
        people: ChannelMembers | None = self._beside(Kind.CHANNEL_MEMBERS, live.key.folded.name)
        leads = self._named(people.leads if people else None)
        if leads:
            row["leads"] = leads
        elif channel.posting == "leads":
            row["leads"] = []
        if live.protected and len(row) == 1:
            return None  # The server made it, and nobody changed it.
        if not live.protected:
            inside = self._named(people.members if people else None)
            if inside and set(inside) >= self.everyone and len(inside) > 1:
                rest = sorted(set(inside) - self.everyone)
                row["members"] = ["everyone", *rest]
            elif inside:
                row["members"] = inside
        return row

    def _beside(self, kind: Kind, name: str) -> Any:
        return self._by_name.get((kind, name))

    def _named(self, people: Any) -> list[str]:
        """Those of these people whom the file lists and who may sign in."""
        names = people if isinstance(people, frozenset) else frozenset()
        return sorted({n.casefold() for n in names} & self.active)

    def _integrations(self) -> Data:
        found: Data = {}
        for key, kind, fields in _LISTS:
            rows = []
            for live in self.inventory.of(kind):
                if live.archived or live.protected or getattr(live.resource, "active", 1) is False:
                    continue
                row = self._integration(live, fields)
                if row is not None:
                    rows.append(row)
            if rows:
                found[key] = rows
        return found

    def _integration(self, live: Live[Any], fields: Iterable[str]) -> Data | None:
        row: Data = {}
        for name in fields:
            value = getattr(live.resource, name)
            if name == "channels":
                channels = value if isinstance(value, frozenset) else frozenset()
                value = sorted({c.casefold() for c in channels} & self.channels)
            elif isinstance(value, frozenset):
                value = sorted(value)
            if name == "channel":
                value = str(value).casefold()
                if value not in self.channels:
                    self.left_out.append(
                        f"{live.key}: it stands in a channel that this file does not list"
                    )
                    return None
            if isinstance(value, bool) or _said(value):
                row[name] = value
        if live.key.kind is Kind.EMOJI:
            picture = self.inventory.pictures.get(live.key)
            if picture is None:
                self.left_out.append(f"{live.key}: its picture cannot be read")
                return None
            row["file"] = f"emoji/{live.resource.name}.{_suffix(picture)}"
            self.pictures[row["file"]] = picture
        return row

    def _live_chat(self, settings: Data | None) -> Data | None:
        if settings is None:
            return None
        found = dict(settings)
        departments = []
        for live in self.inventory.of(Kind.DEPARTMENT):
            if live.archived:
                continue
            row: Data = {"name": live.resource.name}
            agents = self._named(live.resource.agents)
            if agents:
                row["agents"] = agents
            for key in ("email", "description"):
                if _said(getattr(live.resource, key)):
                    row[key] = getattr(live.resource, key)
            departments.append(row)
        if departments:
            found["departments"] = departments
        fresh = {x.key: x.resource for x in self.inventory.facts.pristine}
        for live in self.inventory.of(Kind.BUSINESS_HOURS):
            before = fresh.get(live.key)
            if isinstance(live.resource.days, tuple) and (
                before is None or before.days != live.resource.days
            ):
                found["hours"] = _hours(live.resource.days)
        return found


_LISTS: Final = (
    (
        "incoming_webhooks",
        Kind.INCOMING_WEBHOOK,
        ("name", "channel", "description", "username", "icon_url"),
    ),
    (
        "outgoing_webhooks",
        Kind.OUTGOING_WEBHOOK,
        ("name", "channel", "trigger_words", "url", "description"),
    ),
    (
        "slash_commands",
        Kind.SLASH_COMMAND,
        (
            *("team", "trigger", "url", "method", "display_name", "description", "hint"),
            *("autocomplete", "username"),
        ),
    ),
    ("bots", Kind.BOT, ("username", "display_name", "description", "channels")),
    ("emoji", Kind.EMOJI, ("name",)),
)


def _title(live: Live[Any]) -> str:
    """The title of a channel; empty for one that the server gave it."""
    title = live.resource.display_name
    own = live.protected and str(title).replace("-", " ").casefold() == live.resource.name.replace(
        "-", " "
    )
    return title if _said(title) and not own else ""


def _said(value: Any) -> bool:
    return isinstance(value, str | int | list) and value not in ("", [])


def _suffix(picture: bytes) -> str:
    if picture.startswith(b"\x89PNG"):
        return "png"
    return "gif" if picture.startswith(b"GIF8") else "jpg"


def _hours(days: Iterable[str]) -> Mapping[str, str]:
    """Days with the same hours, one behind the other, become a range."""
    spans = dict(day.split(" ", 1) for day in days)
    found: dict[str, str] = {}
    i = 0
    while i < len(DAYS):
        span, j = spans.get(DAYS[i]), i
        while j + 1 < len(DAYS) and spans.get(DAYS[j + 1]) == span:
            j += 1
        if span is not None:
            found[DAYS[i] if i == j else f"{DAYS[i]}-{DAYS[j]}"] = span
        i = j + 1
    return found
