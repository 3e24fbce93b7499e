"""Channels of teams."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Action, Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.mattermost.answers import done_already, problem_of, taken
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.facts import OWN_CHANNELS
from chatops.platforms.mattermost.handlers.default_channels import DefaultChannels
from chatops.platforms.mattermost.handlers.moderation import Moderation
from chatops.platforms.mattermost.handlers.teams import team_id
from chatops.resources import UNKNOWN, UNSET, Channel, Ids, Key, Kind, Live, Maybe, field_names

__all__ = ["EVERYBODYS", "EVERYBODYS_CHANNEL", "ChannelsHandler", "channel_id"]

EVERYBODYS_CHANNEL = "town-square"
EVERYBODYS = "this is the team's own channel: it keeps its name, is public and has everybody in it"
FEW = 3
"""So many channels are asked for by name; for more the whole list is shorter."""

# Our fields and the server's: what it calls a header stands above the messages, always in view.
FIELDS = {"display_name": "display_name", "topic": "header", "purpose": "purpose", "name": "name"}


class ChannelsHandler:
    """Public and private channels; direct and group messages are nobody's but their people's."""

    removal = Removal.ARCHIVE

    def __init__(self, client: Client, defaults: DefaultChannels, moderation: Moderation) -> None:
        self._client = client
        self._defaults = defaults
        self._moderation = moderation

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Channel]]:
        """What is there, in archived teams too."""
        names = None if scope is None else {key.name.lower() for key in scope}
        found: list[tuple[Mapping[str, Any], str]] = []
        if names is not None and len(names) <= FEW:
            for name in sorted(names):
                team, _, channel = name.partition("/")
                row = _by_name(self._client, ids, team, channel)
                if row is not None:
                    found.append((row, team))
        else:
            # The names of teams stand in the rows, so no team need have been read.
            for row in self._client.pages("/channels", {"include_deleted": "true"}):
                if row["type"] not in ("O", "P") or not row.get("team_name"):
                    continue
                if names is None or f"{row['team_name']}/{row['name']}" in names:
                    found.append((row, row["team_name"]))
        lives = self._lives(found)
        for live in lives:
            ids.put(live.key, live.id)
        return lives

    def _lives(self, found: Sequence[tuple[Mapping[str, Any], str]]) -> list[Live[Channel]]:
        """The rows with what other places of the server say of them."""
        if not found:
            return []
        defaults = self._defaults.read()
        posting = self._moderation.read([row for row, _ in found])
        return [_live(row, team, defaults, posting[row["id"]]) for row, team in found]

    def create(self, want: Channel, run: Run) -> Result:
        """Make it; the account that runs becomes its first member."""
        team = team_id(self._client, run.ids, want.team)
        if team is None:
            raise ApiError(
                f"there is no team {want.team} on the server",
                status=404,
                code="",
                call="POST /channels",
            )
        if want.name in OWN_CHANNELS:
            own = _by_name(self._client, run.ids, want.team, want.name)
            if own is not None:
                return self._adopt(want, own, run)
        try:
            row = self._client.post("/channels", _body(want, team))
        except ApiError as error:
            # Of a default channel the server makes one with each new team.
            made = _by_name(self._client, run.ids, want.team, want.name) if taken(error) else None
            if made is None or made["creator_id"] or made["delete_at"]:
                raise
            return self._adopt(want, made, run)
        ident = str(row["id"])
        run.ids.put(want.key, ident)
        failed: dict[str, Problem] = {}
        for name, write in (("posting", self._set_posting), ("default", self._set_default)):
            try:
                write(want, ident)
            except ServerError as error:
                failed[name] = problem_of(error)
        if want.archived is True:
            self._client.delete(f"/channels/{ident}")
        return Result(id=ident, failed=failed)

    def _set_posting(self, want: Channel, ident: str) -> None:
        if isinstance(want.posting, str):
            self._moderation.write(ident, want.posting)

    def _set_default(self, want: Channel, ident: str) -> None:
        if isinstance(want.default, bool):
            on = want.default
            self._defaults.change(**{"add" if on else "drop": {want.name}})

    def _adopt(self, want: Channel, row: Mapping[str, Any], run: Run) -> Result:
        """A channel that the server makes with each team: set the fields, make no second."""
        there = self._lives([(row, want.team)])[0]
        run.ids.put(want.key, there.id)
        changed = tuple(
            name
            for name in field_names(want)
            if getattr(want, name) not in (UNSET, getattr(there.resource, name))
            and name not in there.locked
        )
        if changed:
            self.update(
                Change(action=Action.UPDATE, key=want.key, want=want, have=there, changed=changed),
                run,
            )
        return Result(id=there.id)

    def update(self, change: Change[Channel], run: Run) -> Result:
        """Bring back first, archive last: an archived channel takes no changes."""
        want, have = change.want, change.have
        assert want is not None and have is not None
        ident, changed = have.id, set(change.changed)
        archive = want.archived is True if "archived" in changed else have.archived
        restored = have.archived and (not archive or changed != {"archived"})
        if restored:
            self._forgiving("POST", f"/channels/{ident}/restore")
        fields = {
            theirs: getattr(want, ours)
            for ours, theirs in FIELDS.items()
            if ours in changed and isinstance(getattr(want, ours), str)
        }
        if fields:
            self._forgiving("PUT", f"/channels/{ident}/patch", fields)
        if "name" in changed:
            run.ids.put(want.key, ident)
            if have.resource.default is True:
                # It is known by its name alone.
                self._defaults.change(add={want.name}, drop={have.resource.name})
        if "private" in changed and isinstance(want.private, bool):
            self._client.put(
                f"/channels/{ident}/privacy", {"privacy": "P" if want.private else "O"}
            )
        if "posting" in changed:
            self._set_posting(want, ident)
        if "default" in changed:
            self._set_default(want, ident)
        if archive and (restored or not have.archived):
            self._client.delete(f"/channels/{ident}")
        return Result(id=ident)

    def remove(self, have: Live[Channel], run: Run) -> Result:
        """Archive it: messages stay; its webhooks are gone for good."""
        self._client.delete(f"/channels/{have.id}")
        return Result(id=have.id)

    def _forgiving(self, method: str, path: str, body: Any = None) -> None:
        try:
            self._client.call(method, path, body, repeatable=True)
        except ApiError as error:
            if not done_already(error):
                raise


def channel_id(client: Client, ids: Ids, team: str, name: str) -> str | None:
    """The identifier of a channel; the server is asked where nobody has read it."""
    ident = ids.find(Kind.CHANNEL, f"{team}/{name}")
    if ident is None:
        row = _by_name(client, ids, team, name)
        if row is None:
            return None
        ident = str(row["id"])
        ids.put(Key(Kind.CHANNEL, f"{team}/{name}"), ident)
    return ident


def _by_name(client: Client, ids: Ids, team: str, name: str) -> Mapping[str, Any] | None:
    team_ident = team_id(client, ids, team)
    if team_ident is None:
        return None
    try:
        row: Mapping[str, Any] = client.get(
            f"/teams/{team_ident}/channels/name/{name}", {"include_deleted": "true"}
        )
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return row


def _body(want: Channel, team: str) -> dict[str, str]:
    return {
        "team_id": team,
        "name": want.name,
        "display_name": want.display_name if isinstance(want.display_name, str) else want.name,
        "type": "P" if want.private is True else "O",
        "header": want.topic if isinstance(want.topic, str) else "",
        "purpose": want.purpose if isinstance(want.purpose, str) else "",
    }


def _live(
    row: Mapping[str, Any], team: str, defaults: frozenset[str] | None, posting: Maybe[str]
) -> Live[Channel]:
    archived = bool(row["delete_at"])
    return Live(
        resource=Channel(
            team=team,
            name=row["name"],
            display_name=row["display_name"],
            topic=row["header"],
            purpose=row["purpose"],
            private=row["type"] == "P",
            posting=posting,
            default=UNKNOWN if defaults is None else row["name"] in defaults,
            archived=archived,
        ),
        id=row["id"],
        archived=archived,
        # Those that the server makes with a team are nobody's.
        protected=row["name"] in OWN_CHANNELS
        or (not row["creator_id"] and row["name"] in (defaults or ())),
        locked=dict.fromkeys(("name", "private", "default", "archived"), EVERYBODYS)
        if row["name"] == EVERYBODYS_CHANNEL
        else {},
    )
