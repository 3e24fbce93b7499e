"""Accounts for programs, and their tokens.

An administrator can make a token for a bot, whatever the server's word on tokens of people is
(channels/app/session.go of mattermost/mattermost 11.6). A token is shown once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import AmbiguousError, ApiError, ServerError
from chatops.platforms.base import Change, Output, Problem, Removal, Result, Run, Scope
from chatops.platforms.mattermost.answers import problem_of
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers.channels import channel_id
from chatops.platforms.mattermost.handlers.users import picture_of, set_picture
from chatops.resources import Bot, Ids, Kind, Live, Picture
from chatops.secrets import Secret

__all__ = ["BotsHandler"]

TOKEN = "chatops"
"""What our token of a bot is described as."""
IDENT = 26
"""How long an identifier is. A bot whose owner is named otherwise belongs to a plugin."""
SERVERS = frozenset({"system-bot", "mattermost-advisor", "content-review"})
"""The server's own, which a person seems to own (public/model/bot.go, content_flagging.go)."""
Row = Mapping[str, Any]


class BotsHandler:
    """Bots of people; those of plugins are told, and nothing is ever done to them."""

    removal = Removal.DEACTIVATE

    def __init__(self, client: Client, me: str) -> None:
        self._client = client
        self._me = me

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Bot]]:
        """What is there, disabled ones too, and in which channels each is."""
        wanted = None if scope is None else {key.folded.name for key in scope}
        rows = [
            row
            for row in self._client.pages("/bots", {"include_deleted": "true"}, key="user_id")
            if wanted is None or row["username"].casefold() in wanted
        ]
        if not rows:
            return
        accounts = self._client.post(
            "/users/ids", [row["user_id"] for row in rows], repeatable=True
        )
        pictures = {row["id"]: picture_of(row) for row in accounts}
        inside = self._client.each(self._channels_of, [row["user_id"] for row in rows])
        for row, channels in zip(rows, inside, strict=True):
            active = not row["delete_at"]
            names = (ids.name(Kind.CHANNEL, ident) for ident in channels)
            yield Live(
                resource=Bot(
                    username=row["username"],
                    display_name=row.get("display_name", ""),
                    description=row.get("description", ""),
                    picture=pictures.get(row["user_id"], ""),
                    channels=frozenset(name for name in names if name),
                    active=active,
                ),
                id=row["user_id"],
                archived=not active,
                protected=len(str(row["owner_id"])) != IDENT or row["username"] in SERVERS,
            )

    def create(self, want: Bot, run: Run) -> Result:
        """Make it, and a token for it."""
        body = {"username": want.username, **_texts(want, ("display_name", "description"))}
        ident = self._make(body)
        failed: dict[str, Problem] = {}
        outputs: Mapping[str, Output] = {}
        try:
            outputs = {"token": Output(self._token(ident))}
            run.keep(want.key, outputs)
        except ServerError as error:
            failed["token"] = problem_of(error)
        try:
            if isinstance(want.picture, Picture):
                set_picture(self._client, ident, want.picture)
        except ServerError as error:
            failed["picture"] = problem_of(error)
        if isinstance(want.channels, frozenset):
            failed |= self._enter(ident, want.channels, run)
        return Result(id=ident, outputs=outputs, failed=failed)

    def update(self, change: Change[Bot], run: Run) -> Result:
        """Back in first, so that what follows is done on a live account."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        if "active" in change.changed and want.active is True:
            self._client.post(f"/bots/{have.id}/enable", repeatable=True)
        fields = _texts(want, change.changed)
        if fields:
            self._client.put(f"/bots/{have.id}", {"username": have.resource.username, **fields})
        if "picture" in change.changed and isinstance(want.picture, Picture):
            set_picture(self._client, have.id, want.picture)
        failed: dict[str, Problem] = {}
        if "channels" in change.changed and isinstance(want.channels, frozenset):
            before = have.resource.channels
            new = want.channels - (before if isinstance(before, frozenset) else frozenset())
            failed = self._enter(have.id, new, run)
        outputs: Mapping[str, Output] = {}
        if "token" in change.changed:
            outputs = self._renew(want, have.id, run)
        if "active" in change.changed and want.active is False:
            self.remove(have, run)
        return Result(id=have.id, failed=failed, outputs=outputs)

    def remove(self, have: Live[Bot], run: Run) -> Result:
        """Disable it: what it wrote stays, its tokens work no more until it is enabled."""
        self._client.post(f"/bots/{have.id}/disable", repeatable=True)
        return Result(id=have.id)

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """Nothing: the server shows a token at the moment it makes it only."""
        return {}

    def _make(self, body: Mapping[str, str]) -> str:
        """The identifier of a new one. After a lost answer it is looked for: its token is still
        to be made, and nobody else does that.
        """
        try:
            return str(self._client.post("/bots", body)["user_id"])
        except AmbiguousError:
            for row in self._client.pages("/bots", key="user_id"):
                if row["username"] == body["username"] and row["owner_id"] == self._me:
                    return str(row["user_id"])
            raise

    def _token(self, ident: str) -> Secret:
        """A new token. One whose answer was lost is revoked: nobody has it."""
        path, about = f"/users/{ident}/tokens", {"description": TOKEN}
        try:
            told = self._client.post(path, about)
        except AmbiguousError:
            for row in self._client.get(path):
                if row["description"] == TOKEN:
                    lost = {"token_id": row["id"]}
                    self._client.post("/users/tokens/revoke", lost, repeatable=True)
            told = self._client.post(path, about)
        return Secret(str(told["token"]))

    def _renew(self, want: Bot, ident: str, run: Run) -> Mapping[str, Output]:
        """A new token, kept before the old ones end."""
        path = f"/users/{ident}/tokens"
        old = [row["id"] for row in self._client.get(path) if row["description"] == TOKEN]
        outputs = {"token": Output(self._token(ident))}
        run.keep(want.key, outputs)
        for token in old:
            self._client.post("/users/tokens/revoke", {"token_id": token}, repeatable=True)
        return outputs

    def _channels_of(self, ident: str) -> list[str]:
        try:
            rows = self._client.lines(f"/users/{ident}/channel_members", {"page": -1})
        except ApiError as error:
            if error.status == 404:
                return []  # Who is in nothing.
            raise
        return [str(row["channel_id"]) for row in rows]

    def _enter(self, ident: str, channels: Iterable[str], run: Run) -> dict[str, Problem]:
        """Into the team first: only who is in it can be in its channels."""
        failed: dict[str, Problem] = {}
        for name in sorted(channels):
            team, _, channel = name.partition("/")
            try:
                where = channel_id(self._client, run.ids, team, channel)
                team_ident = run.ids.find(Kind.TEAM, team)
                if where is None or team_ident is None:
                    failed[name] = Problem("is not on the server", "missing")
                    continue
                member = {"team_id": team_ident, "user_id": ident}
                self._client.post(f"/teams/{team_ident}/members", member, repeatable=True)
                self._client.post(f"/channels/{where}/members", {"user_id": ident}, repeatable=True)
            except ServerError as error:
                failed[name] = problem_of(error)
        return failed


def _texts(want: Bot, names: Iterable[str]) -> dict[str, str]:
    asked = ((n, getattr(want, n)) for n in names if n in ("display_name", "description"))
    return {name: value for name, value in asked if isinstance(value, str)}
