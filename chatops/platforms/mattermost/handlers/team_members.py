"""Who is in a team, and who leads it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.handlers.batches import (
    NO_ACCOUNT,
    batches,
    merged,
    missing,
    one_by_one,
    people_in,
)
from chatops.platforms.mattermost.handlers.roster import Roster
from chatops.platforms.mattermost.handlers.teams import team_id
from chatops.resources import Ids, Live, TeamMembers

__all__ = ["TeamMembersHandler"]

TEAM_BATCH = 100
"""The server takes 256, and then adds them one by one with a message each: a tenth of a second a
person where it is busy. A proxy would not wait that long."""


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
        return self._change(change.want, people_in(have.members), people_in(have.leads), run)

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
            raise missing(f"there is no team {want.team} on the server")
        wanted = want.members if isinstance(want.members, frozenset) else members
        leading = want.leads if isinstance(want.leads, frozenset) else leads
        added, removed = wanted - members, members - wanted
        promoted, demoted = leading - leads, (leads - leading) - removed
        people = self._roster.idents(added | removed | promoted | demoted, run.ids)
        failed = dict.fromkeys(sorted((added | promoted) - people.keys()), NO_ACCOUNT)
        failed |= self._add(team, {name: people[name] for name in added if name in people})
        for names, lead in ((promoted, True), (demoted, False)):
            failed |= one_by_one(
                self._client,
                [name for name in sorted(names) if name in people and name not in failed],
                partial(self._set_lead, team, people, lead),
            )
        failed |= one_by_one(
            self._client,
            [name for name in sorted(removed) if name in people],
            lambda name: self._client.delete(f"/teams/{team}/members/{people[name]}"),
        )
        return Result(id=team, failed=failed)

    def _add(self, team: str, people: Mapping[str, str]) -> dict[str, Problem]:
        """Add in batches. With `graceful` one person's refusal stops nobody else."""

        def add(batch: Sequence[str]) -> dict[str, Problem]:
            rows = self._client.post(
                f"/teams/{team}/members/batch",
                [{"team_id": team, "user_id": people[name]} for name in batch],
                params={"graceful": "true"},
                repeatable=True,
            )
            told = {row["user_id"]: row for row in rows}
            failed = {}
            for name in batch:
                row = told.get(people[name])
                if row is None or row.get("error") or not row.get("member"):
                    failed[name] = self._client.refused(
                        (row or {}).get("error"), f"POST /teams/{team}/members/batch"
                    )
            return failed

        return merged(self._client.each(add, batches(sorted(people), TEAM_BATCH)))

    def _set_lead(self, team: str, people: Mapping[str, str], lead: bool, name: str) -> None:
        self._client.put(
            f"/teams/{team}/members/{people[name]}/schemeRoles",
            # Without scheme_user it is refused.
            {"scheme_user": True, "scheme_admin": lead, "scheme_guest": False},
        )
