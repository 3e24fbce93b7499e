"""Webhooks, in both directions.

They have no key but their id, and the same one sent twice makes two. So names are looked up before
anything is made; of several with one name the oldest is the one that the file means, and the
others are shown beside it, numbered: the id of an incoming one is its secret. A change sends the
whole webhook: what is left out is emptied. None moves to another team: there it is a new one, with
a new address or token (channels/app/webhook.go of mattermost/mattermost 11.6).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from chatops.errors import ApiError
from chatops.platforms.base import Change, Output, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers.channels import channel_id
from chatops.resources import Ids, IncomingWebhook, Kind, Live, Maybe, OutgoingWebhook
from chatops.secrets import Secret, redactor

__all__ = ["IncomingWebhooksHandler", "OutgoingWebhooksHandler"]

H = TypeVar("H", IncomingWebhook, OutgoingWebhook)
Row = Mapping[str, Any]


class _Webhooks(ABC, Generic[H]):
    """What both directions share."""

    removal = Removal.DELETE
    shows_again = True
    path = ""
    kept: tuple[str, ...] = ()
    """What a webhook takes along to another team."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[H]]:
        """All that this account may see; an administrator sees everybody's."""
        wanted = None if scope is None else {key.folded for key in scope}
        rows = self._rows()
        for row, name in zip(rows, _names(rows), strict=True):
            live = Live(resource=self._resource(name, row, ids), id=str(row["id"]))
            if wanted is None or live.key.folded in wanted:
                yield live

    def remove(self, have: Live[H], run: Run) -> Result:
        """Delete it: no message goes with it."""
        self._client.discard(f"{self.path}/{have.id}")
        return Result(id=have.id)

    @abstractmethod
    def _resource(self, name: str, row: Row, ids: Ids) -> H: ...

    def _rows(self) -> list[Row]:
        rows = [r for r in self._client.listed(self.path) if not r.get("delete_at")]
        return sorted(rows, key=lambda r: (r["create_at"], r["id"]))

    def _refuse_second(self, want: H) -> None:
        """Another of the name would be a double, whoever made the first."""
        for row in self._rows():
            if _name(row).casefold() == want.name.casefold():
                raise ApiError(
                    f"a webhook of the name {want.name} exists already",
                    status=0,
                    code="taken",
                    hint="plan again: it is then compared with the file",
                )

    def _moves_away(self, body: dict[str, Any]) -> bool:
        """Whether the channel is one of another team; the body is told which."""
        if not body["channel_id"]:
            return False
        before = str(body["team_id"])
        body["team_id"] = self._client.get(f"/channels/{body['channel_id']}")["team_id"]
        return before != str(body["team_id"])

    def _instead(self, body: Mapping[str, Any], have: Live[H]) -> Result:
        """A new one in the other team; the old one goes when it is there."""
        row = self._client.post(self.path, {k: v for k, v in body.items() if k in self.kept})
        self._client.discard(f"{self.path}/{have.id}")
        return Result(id=str(row["id"]), outputs=self._told(row))

    @abstractmethod
    def _told(self, row: Row) -> Mapping[str, Output]: ...

    def _row(self, ident: str) -> dict[str, Any]:
        return dict(self._client.get(f"{self.path}/{ident}"))

    def _channel(self, name: Maybe[str], run: Run) -> str:
        """The identifier of a channel that a webhook is for."""
        team, _, channel = str(name).partition("/")
        ident = channel_id(self._client, run.ids, team, channel)
        if ident is None:
            raise ApiError(
                f"there is no channel {name} on the server",
                status=404,
                code="",
                call=f"POST {self.path}",
            )
        return ident


def _name(row: Row) -> str:
    return " ".join(str(row["display_name"]).split())


def _names(rows: Iterable[Row]) -> list[str]:
    """A name of its own for each, the oldest having the one that it is called by."""
    named = [_name(row) or "without a name" for row in rows]
    taken = {name.casefold() for name in named}
    seen: set[str] = set()
    found = []
    for name in named:
        unique, number = name, 1
        while unique.casefold() in seen or (number > 1 and unique.casefold() in taken):
            number += 1
            unique = f"{name} ({number})"
        seen.add(unique.casefold())
        found.append(unique)
    return found


def _where(row: Row, ids: Ids) -> str:
    """The channel as we name it; one of no team that we read keeps its identifier."""
    ident = str(row.get("channel_id") or "")
    return ids.name(Kind.CHANNEL, ident) or ident


class IncomingWebhooksHandler(_Webhooks[IncomingWebhook]):
    """Addresses at which programs write into channels; each writes into its own alone."""

    path = "/hooks/incoming"
    kept = (
        "channel_id",
        "display_name",
        "description",
        "username",
        "icon_url",
        "channel_locked",
    )

    def create(self, want: IncomingWebhook, run: Run) -> Result:
        """Make one where there is none of this name; its address comes out."""
        self._refuse_second(want)
        body = {
            "channel_id": self._channel(want.channel, run),
            "display_name": want.name,
            "channel_locked": True,
            **_texts(want, ("description", "username", "icon_url")),
        }
        row = self._client.post(self.path, body)
        _check(row, body)
        return Result(id=str(row["id"]), outputs=self._told(row))

    def update(self, change: Change[IncomingWebhook], run: Run) -> Result:
        """Send it whole, the changed fields as wanted, the others as they are."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        fields: dict[str, Any] = _texts(want, change.changed)
        if "channel" in change.changed:
            fields["channel_id"] = self._channel(want.channel, run)
        body = {**self._row(have.id), **fields}
        if self._moves_away(body):
            return self._instead(body, have)
        row = self._client.put(f"{self.path}/{have.id}", body)
        _check(row, fields)
        return Result(id=have.id)

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """Its address: whoever knows it may write."""
        return self._told({"id": have.id})

    def _told(self, row: Row) -> Mapping[str, Output]:
        # Our own way to the server may be another than that of the programs.
        redactor.learn(str(row["id"]))
        told = self._client.get("/config/client", {"format": "old"})
        site = str(told.get("SiteURL") or self._client.url).rstrip("/")
        return {"url": Output(Secret(f"{site}/hooks/{row['id']}"))}

    def _rows(self) -> list[Row]:
        rows = super()._rows()
        for row in rows:
            # It stands in the path of every call about it, and so in a log of calls.
            redactor.learn(str(row["id"]))
        return rows

    def _resource(self, name: str, row: Row, ids: Ids) -> IncomingWebhook:
        return IncomingWebhook(
            name=name,
            channel=_where(row, ids),
            description=row["description"],
            username=row["username"],
            icon_url=row["icon_url"],
        )


class OutgoingWebhooksHandler(_Webhooks[OutgoingWebhook]):
    """Programs that are told when somebody writes a certain word, in public channels alone."""

    path = "/hooks/outgoing"
    kept = (
        "team_id",
        "channel_id",
        "display_name",
        "description",
        "trigger_words",
        "trigger_when",
        "callback_urls",
        "content_type",
        "username",
        "icon_url",
    )

    def create(self, want: OutgoingWebhook, run: Run) -> Result:
        """Make one where there is none of this name; its token comes out."""
        self._refuse_second(want)
        channel = self._channel(want.channel, run)
        body = {
            "team_id": self._client.get(f"/channels/{channel}")["team_id"],
            "channel_id": channel,
            "display_name": want.name,
            "content_type": "application/json",
            **_orders(want, ("trigger_words", "url", "description")),
        }
        row = self._client.post(self.path, body)
        return Result(id=str(row["id"]), outputs=self._told(row))

    def update(self, change: Change[OutgoingWebhook], run: Run) -> Result:
        """Send it whole, the changed fields as wanted, the others as they are."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        fields: dict[str, Any] = _orders(want, change.changed)
        if "channel" in change.changed:
            fields["channel_id"] = self._channel(want.channel, run)
        body = {**self._row(have.id), **fields}
        if self._moves_away(body):
            return self._instead(body, have)
        self._client.put(f"{self.path}/{have.id}", body)
        return Result(id=have.id)

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """The token by which the program knows that it is us."""
        return self._told(self._row(have.id))

    def _told(self, row: Row) -> Mapping[str, Output]:
        return {"token": Output(Secret(str(row["token"])))}

    def _resource(self, name: str, row: Row, ids: Ids) -> OutgoingWebhook:
        return OutgoingWebhook(
            name=name,
            channel=_where(row, ids),
            trigger_words=frozenset(row["trigger_words"] or ()),
            # Several addresses are more than the language says: they show as a difference.
            url=" ".join(row["callback_urls"] or ()),
            description=row["description"],
        )


def _texts(want: IncomingWebhook, names: Iterable[str]) -> dict[str, Any]:
    found = {n: getattr(want, n) for n in names if n != "channel"}
    return {n: v for n, v in found.items() if isinstance(v, str)}


def _orders(want: OutgoingWebhook, names: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "trigger_words" in names and isinstance(want.trigger_words, frozenset):
        found["trigger_words"] = sorted(want.trigger_words)
    if "url" in names and isinstance(want.url, str):
        found["callback_urls"] = [want.url]
    if "description" in names and isinstance(want.description, str):
        found["description"] = want.description
    return found


def _check(row: Row, fields: Mapping[str, Any]) -> None:
    """The server drops a name or a picture without a word where it is not allowed."""
    lost = [n for n in ("username", "icon_url") if fields.get(n) and row.get(n) != fields[n]]
    if lost:
        raise ApiError(
            f"the server answered yes and dropped {' and '.join(lost)}",
            status=200,
            code="",
            call="POST /hooks/incoming",
            hint="its settings EnablePostUsernameOverride and EnablePostIconOverride must be on",
        )
