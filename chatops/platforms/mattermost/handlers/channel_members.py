"""Who is in a channel, and who looks after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Change, Problem, Release, Removal, Result, Run, Scope
from chatops.platforms.mattermost.answers import done_already, parse_lines
from chatops.platforms.mattermost.client import PAGE, Client
from chatops.platforms.mattermost.handlers.batches import (
    NO_ACCOUNT,
    batches,
    merged,
    missing,
    one_by_one,
    people_in,
)
from chatops.platforms.mattermost.handlers.channels import (
    EVERYBODYS,
    EVERYBODYS_CHANNEL,
    channel_id,
)
from chatops.platforms.mattermost.handlers.roster import Roster
from chatops.resources import ChannelMembers, Ids, Live

__all__ = ["EXACT_PAYS", "ChannelMembersHandler"]

CHANNEL_BATCH = 100
"""The server takes 1,000, and then adds them one by one with a message each."""

EXACT_SINCE = (11, 6, 1)
EXACT_PAYS = 10
"""From so many removals on, one call that sets the members beats a call for each."""


@dataclass(frozen=True)
class _Inside:
    """Who is in a channel, and who of them looks after it."""

    members: set[str] = field(default_factory=set)
    leads: set[str] = field(default_factory=set)


class ChannelMembersHandler:
    """Members of channels."""

    removal = Removal.NONE

    def __init__(self, client: Client, roster: Roster, release: Release) -> None:
        self._client = client
        self._roster = roster
        self._exact = release.version >= EXACT_SINCE
        self._lists = True
        """Whether a list of people is taken at once: since 9.11, found out by trying."""
        self._streams = True
        """Whether a person's memberships come in one answer: found out by trying."""

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[ChannelMembers]]:
        """The members of the channels asked for: by channel, or by person where these are fewer."""
        wanted = [(key.name, *key.name.partition("/")[::2]) for key in scope or ()]
        found = [
            (team, channel, ident)
            for _, team, channel in wanted
            if (ident := channel_id(self._client, ids, team, channel)) is not None
        ]
        inside = self._by_person({ident for *_, ident in found}) if self._streams else None
        if inside is None:
            idents = [ident for *_, ident in found]
            inside = dict(zip(idents, self._client.each(self._of, idents), strict=True))
        return [
            Live(
                resource=ChannelMembers(
                    team=team,
                    channel=channel,
                    members=frozenset(inside[ident].members),
                    leads=frozenset(inside[ident].leads),
                ),
                id=ident,
                locked={"members": EVERYBODYS} if channel == EVERYBODYS_CHANNEL else {},
            )
            for team, channel, ident in found
        ]

    def create(self, want: ChannelMembers, run: Run) -> Result:
        """Fill a new channel."""
        return self._change(want, frozenset(), frozenset(), run)

    def update(self, change: Change[ChannelMembers], run: Run) -> Result:
        """Add, give the lead, take the lead, remove: what grants before what takes away."""
        assert change.want is not None and change.have is not None
        have = change.have.resource
        return self._change(change.want, people_in(have.members), people_in(have.leads), run)

    def remove(self, have: Live[ChannelMembers], run: Run) -> Result:
        """The members of a channel go with the channel."""
        return Result(id=have.id)

    def _of(self, channel: str) -> _Inside:
        """The people of one channel."""
        rows = self._client.get(f"/channels/{channel}/members", {"page": 0, "per_page": PAGE})
        if len(rows) < PAGE:
            names = self._roster.names(row["user_id"] for row in rows)
            leads = {row["user_id"] for row in rows if row.get("scheme_admin")}
            return _Inside(set(names.values()), {n for i, n in names.items() if i in leads})
        # More pages of this list would overlap, for it has no order; that of people has one.
        return _Inside(self._listed(channel), self._listed(channel, channel_roles="channel_admin"))

    def _listed(self, channel: str, **more: str) -> set[str]:
        rows = list(self._client.pages("/users", {"in_channel": channel, **more}))
        for row in rows:
            self._roster.note(row)
        return set(self._roster.names(row["id"] for row in rows).values())

    def _by_person(self, channels: set[str]) -> dict[str, _Inside] | None:
        """All memberships of each person, where that needs fewer calls; else None."""
        people = self._roster.people()
        if not self._roster.complete or len(people) >= len(channels):
            return None
        try:
            streams = self._client.each(self._memberships, people)
        except ApiError:
            self._streams = False
            return None
        names = self._roster.names(people)
        inside = {channel: _Inside() for channel in channels}
        for person, rows in zip(people, streams, strict=True):
            for row in rows:
                place = inside.get(row["channel_id"])
                if place is not None:
                    place.members.add(names[person])
                    if row.get("scheme_admin"):
                        place.leads.add(names[person])
        return inside

    def _memberships(self, person: str) -> list[dict[str, Any]]:
        try:
            return self._client.lines(f"/users/{person}/channel_members", {"page": -1})
        except ApiError as error:
            if done_already(error):
                return []  # Whoever is in no channel at all has "no channel member found".
            raise

    def _change(
        self, want: ChannelMembers, members: frozenset[str], leads: frozenset[str], run: Run
    ) -> Result:
        channel = channel_id(self._client, run.ids, want.team, want.channel)
        if channel is None:
            raise missing(f"there is no channel {want.team}/{want.channel} on the server")
        wanted = want.members if isinstance(want.members, frozenset) else members
        leading = want.leads if isinstance(want.leads, frozenset) else leads
        added, removed = wanted - members, members - wanted
        promoted, demoted = leading - leads, (leads - leading) - removed
        people = self._roster.idents(added | removed | promoted | demoted, run.ids)
        failed = dict.fromkeys(sorted((added | promoted) - people.keys()), NO_ACCOUNT)
        adding = {name: people[name] for name in sorted(added) if name in people}
        removing = {name: people[name] for name in sorted(removed) if name in people}
        told = None
        if self._exact and len(removing) >= EXACT_PAYS:
            told = self._set_exactly(channel, adding, removing)
        failed |= self._add(channel, adding) if told is None else told
        for names, lead in ((promoted, True), (demoted, False)):
            failed |= one_by_one(
                self._client,
                [name for name in sorted(names) if name in people and name not in failed],
                partial(self._set_lead, channel, people, lead),
            )
        if told is None:
            failed |= one_by_one(
                self._client,
                list(removing),
                lambda name: self._client.delete(f"/channels/{channel}/members/{removing[name]}"),
            )
        return Result(id=channel, failed=failed)

    def _set_lead(self, channel: str, people: Mapping[str, str], lead: bool, name: str) -> None:
        self._client.put(
            f"/channels/{channel}/members/{people[name]}/schemeRoles",
            # Without scheme_user it is refused.
            {"scheme_user": True, "scheme_admin": lead, "scheme_guest": False},
        )

    def _add(self, channel: str, people: Mapping[str, str]) -> dict[str, Problem]:
        def add_one(name: str) -> None:
            self._client.post(
                f"/channels/{channel}/members", {"user_id": people[name]}, repeatable=True
            )

        def add(batch: Sequence[str]) -> dict[str, Problem]:
            # The answer lists those who are in; whoever is missing is asked for alone, to learn
            # the reason.
            left: Sequence[str] = batch
            if self._lists and len(batch) > 1:
                try:
                    rows = self._client.post(
                        f"/channels/{channel}/members",
                        {"user_ids": [people[name] for name in batch]},
                        repeatable=True,
                    )
                    there = {row["user_id"] for row in rows or ()}
                    left = [name for name in batch if people[name] not in there]
                except ApiError as error:
                    # An old server misses `user_id`. With no one added, a new one gives the
                    # reason of the last person as the whole answer.
                    if error.code == "api.context.invalid_body_param.app_error":
                        self._lists = False
            return one_by_one(self._client, left, add_one, aside=False)

        return merged(self._client.each(add, batches(list(people), CHANNEL_BATCH)))

    def _set_exactly(
        self, channel: str, adding: Mapping[str, str], removing: Mapping[str, str]
    ) -> dict[str, Problem] | None:
        """All at once, or None where the server does not know how.

        Who is in is read just before, for whoever is not named is thrown out: bots, and people
        that the spec does not know.
        """
        now = {
            row["user_id"]
            for row in self._client.pages(f"/channels/{channel}/members", key="user_id")
        }
        wanted = (now - set(removing.values())) | set(adding.values())
        try:
            answer = self._client.call(
                "PUT", f"/channels/{channel}/members", {"members": sorted(wanted)}
            )
        except ApiError as error:
            if error.status == 404:
                self._exact = False
            if error.status in (400, 403, 404, 501):
                return None  # One by one the server says who exactly cannot go, and why.
            raise
        names = {ident: name for name, ident in {**adding, **removing}.items()}
        failed = {}
        for line in parse_lines(answer.text):
            for told in line.get("errors") or ():
                name = names.get(told.get("user_id"))
                if name is not None:
                    failed[name] = self._client.refused(
                        {"id": told.get("id"), "message": told.get("error")},
                        f"PUT /channels/{channel}/members",
                    )
        return failed
