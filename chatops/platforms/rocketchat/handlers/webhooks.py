"""Webhooks: the product calls them integrations.

They have no key but their id: the same one sent twice makes two. So names are looked up before
anything is made, the oldest of several with one name is the one that the file means, and the
others are shown beside it.

An incoming webhook writes as an account of the server, under a name and a picture of its own. New
ones write as `rocket.cat`, the bot that every server has. It must be in the channel: by itself it
comes into none that is private, nor into any of a team that is (Room.join asks canAccessRoom,
RocketChat/Rocket.Chat apps/meteor/server/services/room/service.ts, 8.x).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Change, Output, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.platforms.rocketchat.places import Place, Places
from chatops.platforms.rocketchat.refusals import GONE, code_of_error
from chatops.platforms.rocketchat.site import site_url
from chatops.resources import Ids, IncomingWebhook, Kind, Live, OutgoingWebhook
from chatops.secrets import Secret, invent_token

__all__ = ["IncomingWebhooks", "OutgoingWebhooks"]

WRITER = "rocket.cat"
EVENT = "sendMessage"
ABSENT = frozenset({"no-webhook", "error-invalid-integration", "invalid_integration"})
H = TypeVar("H", IncomingWebhook, OutgoingWebhook)


@dataclass(frozen=True)
class _Where:
    """A place that a webhook is for: one of ours, or whatever the server calls it."""

    text: str
    place: Place | None = None


class _Webhooks(ABC, Generic[H]):
    """What both kinds share: finding, naming, removing."""

    removal = Removal.DELETE
    shows_again = True
    type = ""

    def __init__(self, client: Client, places: Places) -> None:
        self._client = client
        self._places = places

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[H]]:
        """What is there. Of several with one name the oldest is it; the others are told apart."""
        wanted = None if scope is None else {key.folded for key in scope}
        rows = self._rows()
        absent = self._absent(rows, ids)
        seen: set[str] = set()
        for row in rows:
            name = _name(row)
            if name.casefold() in seen:
                name = f"{name} (again, {row['_id']})"
            seen.add(name.casefold())
            live = Live(resource=self._resource(name, row, absent, ids), id=str(row["_id"]))
            if wanted is None or live.key.folded in wanted:
                yield live

    def remove(self, have: Live[H], run: Run) -> Result:
        """Delete it: no message goes with it."""
        body = {"type": self.type, "integrationId": have.id}
        self._client.post("integrations.remove", body, repeatable=True, done=ABSENT)
        return Result(id=have.id)

    @abstractmethod
    def _resource(self, name: str, row: Row, absent: frozenset[str], ids: Ids) -> H: ...

    def _absent(self, rows: Iterable[Row], ids: Ids) -> frozenset[str]:
        """The webhooks that cannot do their work, though they look right."""
        return frozenset()

    def _rows(self) -> list[Row]:
        """All of this kind, the oldest first."""
        rows = self._client.every("integrations.list", "integrations", type=self.type)
        mine = [row for row in rows if row.get("type") == self.type and _name(row)]
        return sorted(mine, key=lambda r: (str(r.get("_createdAt")), str(r.get("_id"))))

    def _refuse_second(self, want: H) -> None:
        if any(_name(row).casefold() == want.name.casefold() for row in self._rows()):
            raise ApiError(
                f"a webhook of the name {want.name} exists already",
                status=0,
                code="taken",
                hint="plan again: it is then compared with the file",
            )

    def _row(self, ident: str) -> Row:
        found = self._client.get("integrations.get", integrationId=ident).get("integration")
        return found if isinstance(found, dict) else {}

    def _wheres(self, row: Row, ids: Ids) -> list[_Where]:
        """Where it is for; several are parted by commas on the server."""
        found = row.get("channel")
        names = found if isinstance(found, list) else str(found or "").split(",")
        return [self._where(str(name).strip(), ids) for name in names]

    def _where(self, text: str, ids: Ids) -> _Where:
        place = self._places.named(text[1:]) if text.startswith("#") else None
        name = ids.name(Kind.CHANNEL, place.id) if place else None
        return _Where(name, place) if name else _Where(text)

    def _channel(self, want: H, run: Run) -> tuple[str, Place] | None:
        """The channel as the server wants it named, and the room."""
        if not isinstance(want.channel, str):
            return None
        place = self._places.place(run.ids.get(Kind.CHANNEL, want.channel))
        return f"#{place.name or want.channel.partition('/')[2]}", place


class IncomingWebhooks(_Webhooks[IncomingWebhook]):
    """Addresses at which programs write into channels."""

    type = "webhook-incoming"

    def create(self, want: IncomingWebhook, run: Run) -> Result:
        """Make one where there is none of this name; its address comes out."""
        self._refuse_second(want)
        where = self._channel(want, run)
        assert where is not None
        body = {
            "type": self.type,
            "name": want.name,
            "enabled": True,
            "username": WRITER,
            "channel": where[0],
            "scriptEnabled": False,
            **_looks(want),
        }
        made = self._client.post("integrations.create", body).get("integration") or {}
        failed = self._invite(made, where[1])
        return Result(id=str(made.get("_id", "")), failed=failed, outputs=self._outputs(made))

    def update(self, change: Change[IncomingWebhook], run: Run) -> Result:
        """Write the changed fields; what else it has (a script, an emoji) stays."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        row = self._row(have.id)
        # What is left out is emptied by some releases.
        kept = ("alias", "avatar", "emoji", "script", "scriptEngine", "username")
        body: dict[str, Any] = {key: row[key] for key in kept if isinstance(row.get(key), str)}
        over = row.get("overrideDestinationChannelEnabled")
        body |= {} if over is None else {"overrideDestinationChannelEnabled": over is True}
        where = self._channel(want, run) if "channel" in change.changed else None
        body |= {
            "type": self.type,
            "integrationId": have.id,
            "name": row.get("name") or want.name,
            # A disabled one shows in its channel, so that field alone switches it on.
            "enabled": True if where else row.get("enabled") is True,
            "scriptEnabled": row.get("scriptEnabled") is True,
            "channel": where[0] if where else ",".join(row.get("channel") or ()),
            **_looks(want, change.changed),
        }
        self._client.put("integrations.update", body)
        return Result(id=have.id, failed=self._invite(row, where[1]) if where else {})

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """Its address: the server shows it as long as the webhook is there."""
        return self._outputs(self._row(have.id))

    def _outputs(self, row: Row) -> Mapping[str, Output]:
        if not row.get("token"):
            return {}
        path = f"/hooks/{quote(str(row['_id']))}/{quote(str(row['token']))}"
        return {"url": Output(Secret(site_url(self._client) + path))}

    def _resource(self, name: str, row: Row, absent: frozenset[str], ids: Ids) -> IncomingWebhook:
        where = ", ".join(w.text for w in self._wheres(row, ids))
        if row.get("enabled") is not True:
            where += " (switched off)"
        if row["_id"] in absent:
            where += f" ({row.get('username')} is not in it)"
        return IncomingWebhook(
            name=name,
            channel=where,
            description="",
            username=str(row.get("alias") or ""),
            icon_url=str(row.get("avatar") or ""),
        )

    def _absent(self, rows: Iterable[Row], ids: Ids) -> frozenset[str]:
        """Those for a channel that the account they write as is not in."""
        wanted: dict[str, list[tuple[str, str]]] = {}
        for row in rows:
            for where in self._wheres(row, ids):
                if where.place is not None and row.get("userId"):
                    pair = (str(row["_id"]), where.place.id)
                    wanted.setdefault(str(row["userId"]), []).append(pair)
        found: set[str] = set()
        for writer, pairs in wanted.items():
            rooms = self._rooms_of(writer)
            if rooms is not None:
                found |= {hook for hook, room in pairs if room not in rooms}
        return frozenset(found)

    def _rooms_of(self, user: str) -> set[str] | None:
        try:
            row = self._client.get("users.info", userId=user, includeUserRooms="true").get("user")
        except ApiError as error:
            if error.code in GONE:
                return None
            raise
        rooms = (row or {}).get("rooms")
        return {str(r.get("rid")) for r in rooms} if isinstance(rooms, list) else None

    def _invite(self, row: Row, place: Place) -> dict[str, Problem]:
        """Bring the account it writes as into the channel."""
        writer = row.get("userId")
        if not isinstance(writer, str):
            return {}
        body = {"roomId": place.id, "userId": writer}
        try:
            self._client.post(f"{place.family}.invite", body, repeatable=True)
        except ServerError as error:
            text = f"{row.get('username')} cannot be invited into the channel, so nothing that is "
            text += f"sent to the webhook arrives: {error.message}"
            return {"channel": Problem(text, code_of_error(error), error.hint)}
        return {}


class OutgoingWebhooks(_Webhooks[OutgoingWebhook]):
    """Programs that are told when somebody writes a certain word."""

    type = "webhook-outgoing"

    def create(self, want: OutgoingWebhook, run: Run) -> Result:
        """Make one where there is none of this name. Its token is ours to invent."""
        self._refuse_second(want)
        where = self._channel(want, run)
        assert where is not None
        token = invent_token(24)
        body = {
            "type": self.type,
            "name": want.name,
            "enabled": True,
            "username": WRITER,
            "channel": where[0],
            "event": EVENT,
            "scriptEnabled": False,
            "token": token.reveal(),
            **_orders(want),
        }
        made = self._client.post("integrations.create", body).get("integration") or {}
        return Result(id=str(made.get("_id", "")), outputs={"token": Output(token)})

    def update(self, change: Change[OutgoingWebhook], run: Run) -> Result:
        """Write the changed fields; the rest of it goes along as it is."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        row = self._row(have.id)
        body = {key: row[key] for key in KEPT if row.get(key) is not None}
        where = self._channel(want, run) if "channel" in change.changed else None
        body |= {
            "type": self.type,
            "integrationId": have.id,
            "name": row.get("name") or want.name,
            "username": row.get("username") or WRITER,
            "enabled": True if where else row.get("enabled") is True,
            "event": EVENT if where else row.get("event") or EVENT,
            "scriptEnabled": row.get("scriptEnabled") is True,
            "channel": where[0] if where else ",".join(row.get("channel") or ()),
            **_orders(want, change.changed),
        }
        outputs: dict[str, Output] = {}
        if not str(body.get("token") or "").strip():
            # Made without one, it cannot be changed without one.
            token = invent_token(24)
            body["token"] = token.reveal()
            outputs["token"] = Output(token)
        self._client.put("integrations.update", body)
        return Result(id=have.id, outputs=outputs)

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """The token it sends along: the server shows it as long as the webhook is there."""
        token = self._row(have.id).get("token")
        return {"token": Output(Secret(str(token)))} if token else {}

    def _resource(self, name: str, row: Row, absent: frozenset[str], ids: Ids) -> OutgoingWebhook:
        where = ", ".join(w.text for w in self._wheres(row, ids))
        if row.get("event") != EVENT:
            where += f" (told of {row.get('event')})"
        if row.get("enabled") is not True:
            where += " (switched off)"
        return OutgoingWebhook(
            name=name,
            channel=where,
            trigger_words=frozenset(str(w) for w in row.get("triggerWords") or ()),
            url=", ".join(str(u) for u in row.get("urls") or ()),
            description="",
        )


KEPT = (
    "alias",
    "avatar",
    "emoji",
    "impersonateUser",
    "retryCount",
    "retryDelay",
    "retryFailedCalls",
    "runOnEdits",
    "script",
    "scriptEngine",
    "targetRoom",
    "token",
    "triggerWordAnywhere",
    "triggerWords",
    "urls",
)
"""What an outgoing webhook has besides; the server empties what is left out."""


def _name(row: Row) -> str:
    return " ".join(str(row.get("name") or "").split())


def _looks(want: IncomingWebhook, changed: Iterable[str] | None = None) -> dict[str, str]:
    fields = {"alias": ("username", want.username), "avatar": ("icon_url", want.icon_url)}
    return {
        key: value
        for key, (name, value) in fields.items()
        if isinstance(value, str) and (changed is None or name in changed)
    }


def _orders(want: OutgoingWebhook, changed: Iterable[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(want.url, str) and (changed is None or "url" in changed):
        found["urls"] = [want.url]
    words = want.trigger_words
    if isinstance(words, frozenset) and (changed is None or "trigger_words" in changed):
        found["triggerWords"] = sorted(words)
    return found
