"""Who is in a team, and who leads it: a lead is one of its owners."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatops.errors import ApiError
from chatops.platforms.base import Change, Problem, Result, Run, Scope
from chatops.platforms.rocketchat.client import Row
from chatops.platforms.rocketchat.handlers.roster import (
    OWNER,
    Person,
    Roster,
    noted,
    present,
    roles_of,
    vanished,
    without,
)
from chatops.resources import Ids, Key, Kind, Live, TeamMembers

__all__ = ["TeamPeople"]

PLAIN = "member"


@dataclass(frozen=True)
class _Member:
    id: str
    roles: tuple[str, ...]


class TeamPeople(Roster):
    """Members of teams. A lead is an owner of the team."""

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[TeamMembers]]:
        """Who is in the teams asked for."""
        found = [(key, ids.find(Kind.TEAM, key.name)) for key in scope or ()]
        known = [(key, ident) for key, ident in found if ident is not None]
        yield from self.client.side(lambda item: self._read_one(item[0], item[1], ids), known)

    def create(self, want: TeamMembers, run: Run) -> Result:
        """Fill a team that has nobody but this account."""
        return self._settle(want, present(want.members), frozenset(), frozenset(), run)

    def update(self, change: Change[TeamMembers], run: Run) -> Result:
        """Bring the team to exactly the people wanted."""
        want, have = change.want, change.have
        if want is None:
            return Result()
        old = have.resource if have is not None else TeamMembers(team=want.team)
        before, led = present(old.members), present(old.leads)
        members = present(want.members) if "members" in change.changed else before
        if "leads" not in change.changed:
            # Who leaves the team leads it no more; the others lead on.
            staying = want.members if isinstance(want.members, frozenset) else before
            leads = frozenset(n for n in led if n in staying)
            want = TeamMembers(team=want.team, members=want.members, leads=leads)
        return self._settle(want, members, before, led, run)

    def remove(self, have: Live[TeamMembers], run: Run) -> Result:
        """People are never taken out of a team that is put away."""
        return Result()

    def _read_one(self, key: Key, team: str, ids: Ids) -> Live[TeamMembers]:
        rows = self._rows(team)
        members = self.names((row["user"] for row in rows), ids)
        leads = self.names((row["user"] for row in rows if OWNER in roles_of(row)), ids)
        return Live(resource=TeamMembers(team=key.name, members=members, leads=leads), id=team)

    def _rows(self, team: str) -> list[Row]:
        rows = self.client.every("teams.members", "members", teamId=team)
        return [row for row in rows if isinstance(row.get("user"), dict)]

    def _settle(
        self,
        want: TeamMembers,
        members: frozenset[str],
        before: frozenset[str],
        led: frozenset[str],
        run: Run,
    ) -> Result:
        team = run.ids.get(Kind.TEAM, want.team)
        leads = present(want.leads)
        failed: dict[str, Problem] = {}
        lead_names = {name.casefold() for name in leads}
        new = self.known(without(members | leads, {*before, self.me}), run.ids, failed)
        self.in_batches(
            "teams.addMembers", new, lambda some: self._add(team, some, lead_names), failed
        )
        there = self._there(team) if new or leads != led else {}
        for name, ident in new:
            if ident not in there and name not in failed:
                failed[name] = vanished()
        self._lead(team, leads, led, there, run, failed)
        gone = without(before, members | leads | {self.me})
        for name, ident in self.known(gone, run.ids, failed):
            self._take_out(team, name, ident, failed)
        return Result(id=team, failed=failed)

    def _there(self, team: str) -> dict[str, _Member]:
        return {
            row["user"]["_id"]: _Member(row["user"]["_id"], tuple(roles_of(row)))
            for row in self._rows(team)
        }

    def _add(self, team: str, people: Sequence[Person], leads: set[str]) -> None:
        members = [
            {"userId": ident, "roles": [OWNER if name.casefold() in leads else PLAIN]}
            for name, ident in people
        ]
        self.client.post("teams.addMembers", {"teamId": team, "members": members}, repeatable=True)

    def _lead(
        self,
        team: str,
        leads: frozenset[str],
        led: frozenset[str],
        there: dict[str, _Member],
        run: Run,
        failed: dict[str, Problem],
    ) -> None:
        """Make owners, then unmake them: a team is never without one. Other roles stay."""
        for names, rises in (
            (without(leads, ()), True),
            (without(led, {*leads, self.me}), False),
        ):
            for name, ident in self.known(names, run.ids, {}):
                member = there.get(ident)
                if member is None or (OWNER in member.roles) is rises or name in failed:
                    continue
                others = [role for role in member.roles if role not in (OWNER, PLAIN)]
                roles = [*others, OWNER if rises else PLAIN]
                try:
                    self.client.post(
                        "teams.updateMember",
                        {"teamId": team, "member": {"userId": ident, "roles": roles}},
                        repeatable=True,
                    )
                except ApiError as error:
                    failed[name] = noted(error)

    def _take_out(self, team: str, name: str, ident: str, failed: dict[str, Problem]) -> None:
        """Out of the team and of its channels, which the server does not do by itself."""
        body: dict[str, object] = {"teamId": team, "userId": ident}
        rooms = self.places.of_team(team)
        if rooms:
            body["rooms"] = rooms
        try:
            self.client.post(
                "teams.removeMember", body, repeatable=True, done={"member-does-not-exist"}
            )
        except ApiError as error:
            failed[name] = noted(error)
