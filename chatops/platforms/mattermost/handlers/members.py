"""Who is in a team, who leads it, and who is in a channel."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Change, Problem, Release, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client, done_already, parse_lines, problem_of
from chatops.platforms.mattermost.handlers.channels import (
    EVERYBODYS,
    EVERYBODYS_CHANNEL,
    channel_id,
)
from chatops.platforms.mattermost.handlers.roster import Roster
from chatops.platforms.mattermost.handlers.teams import team_id
from chatops.resources import ChannelMembers, Ids, Live, TeamMembers

__all__ = ["ChannelMembersHandler", "TeamMembersHandler"]

TEAM_BATCH = 100
CHANNEL_BATCH = 100
"""The server takes 256 and 1,000, and then adds them one by one with a message each: a tenth of a
second a person where it is busy. A proxy would not wait that long."""

EXACT_SINCE = (11, 6, 1)
EXACT_PAYS = 10
"""From so many removals on, one call that sets the members beats a call for each."""

NO_ACCOUNT = Problem("no account of this name on the server", "", "people are made before teams")


class TeamMembersHandler:
    """Members and leads of teams."""

    removal = Removal.NONE

    def __init__(self, client: Client, roster: Roster) -> None:
        self._client = client
        self._roster = roster

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[TeamMembers]]:
        """The members of the teams asked for, deactivated people too, bots left out."""
        teams = [key.name for key in scope or ()]
        found = self._client.each(lambda team: self._read(team, ids), teams)
        return [live for live in found if live is not None]

    def create(self, want: TeamMembers, run: Run) -> Result:
        """Fill a new team."""
        return self._change(want, frozenset(), frozenset(), run)

    def update(self, change: Change[TeamMembers], run: Run) -> Result:
        """Add, give the lead, take the lead, remove: what grants before what takes away."""
        assert change.want is not None and change.have is not None
        have = change.have.resource
        return self._change(change.want, _people(have.members), _people(have.leads), run)

    def remove(self, have: Live[TeamMembers], run: Run) -> Result:
        """The members of a team go with the team."""
        return Result(id=have.id)

    def _read(self, team: str, ids: Ids) -> Live[TeamMembers] | None:
        ident = team_id(self._client, ids, team)
        if ident is None:
            return None
        rows = [
            row
            for row in self._client.pages(f"/teams/{ident}/members", key="user_id")
            if not row["delete_at"]
        ]
        names = self._roster.names(row["user_id"] for row in rows)
        leads = {row["user_id"] for row in rows if row.get("scheme_admin")}
        return Live(
            resource=TeamMembers(
                team=team,
                members=frozenset(names.values()),
                leads=frozenset(name for user, name in names.items() if user in leads),
            ),
            id=ident,
        )

    def _change(
        self, want: TeamMembers, members: frozenset[str], leads: frozenset[str], run: Run
    ) -> Result:
        team = team_id(self._client, run.ids, want.team)
        if team is None:
            raise _missing(f"there is no team {want.team} on the server")
        wanted = want.members if isinstance(want.members, frozenset) else members
        leading = want.leads if isinstance(want.leads, frozenset) else leads
        added, removed = wanted - members, members - wanted
        promoted, demoted = leading - leads, (leads - leading) - removed
        people = self._roster.idents(added | removed | promoted | demoted, run.ids)
        failed = dict.fromkeys(sorted((added | promoted) - people.keys()), NO_ACCOUNT)
        failed |= self._add(team, {name: people[name] for name in added if name in people})
        for names, lead in ((promoted, True), (demoted, False)):
            failed |= _one_by_one(
                self._client,
                [name for name in sorted(names) if name in people and name not in failed],
                partial(self._set_lead, team, people, lead),
            )
        failed |= _one_by_one(
            self._client,
            [name for name in sorted(removed) if name in people],
            lambda name: self._client.delete(f"/teams/{team}/members/{people[name]}"),
        )
        return Result(id=team, failed=failed)

    def _add(self, team: str, people: Mapping[str, str]) -> dict[str, Problem]:
        """Add in batches. With `graceful` one person's refusal stops nobody else."""

        def add(batch: Sequence[str]) -> dict[str, Problem]:
            rows = self._client.call(
                "POST",
                f"/teams/{team}/members/batch",
                [{"team_id": team, "user_id": people[name]} for name in batch],
                params={"graceful": "true"},
                repeatable=True,
            ).json()
            told = {row["user_id"]: row for row in rows}
            failed = {}
            for name in batch:
                row = told.get(people[name])
                if row is None or row.get("error") or not row.get("member"):
                    failed[name] = self._client.refused(
                        (row or {}).get("error"), f"POST /teams/{team}/members/batch"
                    )
            return failed

        return _merged(self._client.each(add, _batches(sorted(people), TEAM_BATCH)))

    def _set_lead(self, team: str, people: Mapping[str, str], lead: bool, name: str) -> None:
        self._client.put(
            f"/teams/{team}/members/{people[name]}/schemeRoles",
            # Without scheme_user it is refused.
            {"scheme_user": True, "scheme_admin": lead, "scheme_guest": False},
        )


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
        members = self._by_person({ident for *_, ident in found}) if self._streams else None
        if members is None:
            idents = [ident for *_, ident in found]
            members = dict(zip(idents, self._client.each(self._of, idents), strict=True))
        return [
            Live(
                resource=ChannelMembers(
                    team=team, channel=channel, members=frozenset(members[ident])
                ),
                id=ident,
                locked={"members": EVERYBODYS} if channel == EVERYBODYS_CHANNEL else {},
            )
            for team, channel, ident in found
        ]

    def create(self, want: ChannelMembers, run: Run) -> Result:
        """Fill a new channel."""
        return self._change(want, frozenset(), run)

    def update(self, change: Change[ChannelMembers], run: Run) -> Result:
        """Add, then remove."""
        assert change.want is not None and change.have is not None
        return self._change(change.want, _people(change.have.resource.members), run)

    def remove(self, have: Live[ChannelMembers], run: Run) -> Result:
        """The members of a channel go with the channel."""
        return Result(id=have.id)

    def _of(self, channel: str) -> set[str]:
        """The people of one channel. This list is ordered; the channel's own list is not."""
        rows = list(self._client.pages("/users", {"in_channel": channel}))
        for row in rows:
            self._roster.note(row)
        return set(self._roster.names(row["id"] for row in rows).values())

    def _by_person(self, channels: set[str]) -> dict[str, set[str]] | None:
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
        members: dict[str, set[str]] = {channel: set() for channel in channels}
        for person, rows in zip(people, streams, strict=True):
            for row in rows:
                if row["channel_id"] in members:
                    members[row["channel_id"]].add(names[person])
        return members

    def _memberships(self, person: str) -> list[dict[str, Any]]:
        try:
            return self._client.lines(f"/users/{person}/channel_members", {"page": -1})
        except ApiError as error:
            if done_already(error):
                return []  # Whoever is in no channel at all has "no channel member found".
            raise

    def _change(self, want: ChannelMembers, members: frozenset[str], run: Run) -> Result:
        channel = channel_id(self._client, run.ids, want.team, want.channel)
        if channel is None:
            raise _missing(f"there is no channel {want.team}/{want.channel} on the server")
        wanted = want.members if isinstance(want.members, frozenset) else members
        added, removed = wanted - members, members - wanted
        people = self._roster.idents(added | removed, run.ids)
        failed = dict.fromkeys(sorted(added - people.keys()), NO_ACCOUNT)
        adding = {name: people[name] for name in sorted(added) if name in people}
        removing = {name: people[name] for name in sorted(removed) if name in people}
        if self._exact and len(removing) >= EXACT_PAYS:
            told = self._set_exactly(channel, adding, removing)
            if told is not None:
                return Result(id=channel, failed=failed | told)
        failed |= self._add(channel, adding)
        failed |= _one_by_one(
            self._client,
            list(removing),
            lambda name: self._client.delete(f"/channels/{channel}/members/{removing[name]}"),
        )
        return Result(id=channel, failed=failed)

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
            return _one_by_one(self._client, left, add_one, aside=False)

        return _merged(self._client.each(add, _batches(list(people), CHANNEL_BATCH)))

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


def _people(held: Any) -> frozenset[str]:
    return held if isinstance(held, frozenset) else frozenset()


def _batches(names: Sequence[str], size: int) -> list[Sequence[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


def _merged(parts: Iterable[dict[str, Problem]]) -> dict[str, Problem]:
    return {name: problem for part in parts for name, problem in part.items()}


def _one_by_one(
    client: Client, names: Sequence[str], work: Callable[[str], None], *, aside: bool = True
) -> dict[str, Problem]:
    """The work for each person; who failed, and why. Nobody's failure stops the others.

    Not `aside` when this is a worker's already: workers that wait for workers wait for ever.
    """

    def attempt(name: str) -> Problem | None:
        try:
            work(name)
        except ServerError as error:
            return problem_of(error)
        return None

    problems = client.each(attempt, names) if aside else [attempt(name) for name in names]
    return {
        name: problem for name, problem in zip(names, problems, strict=True) if problem is not None
    }


def _missing(message: str) -> ApiError:
    return ApiError(message, status=404, code="", call="")
