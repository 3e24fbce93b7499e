"""Who is in a team, and who is in a channel.

The server lists active people only, and drops names it does not take without a word: after
adding, the list is read again, and whoever is not on it is reported.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chatops.errors import ApiError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import PAGE, Client, Row, chunks
from chatops.platforms.rocketchat.places import Place, Places
from chatops.platforms.rocketchat.refusals import FORBIDDEN, GONE
from chatops.resources import (
    UNKNOWN,
    ChannelMembers,
    Ids,
    Key,
    Kind,
    Live,
    TeamMembers,
)

__all__ = ["ChannelPeople", "TeamPeople"]

OWNER, PLAIN = "owner", "member"

CLOSED = (
    "a private channel that this account is not in: the server shows its members to members only; "
    "invite the account that runs chatops"
)
PUT_AWAY = "the channel is archived: the server shows its members again when it is brought back"

ROOM_SAYS_NO = FORBIDDEN | {
    "error-room-archived",
    "error-room-not-found",
    "error-invalid-room",
    "error-team-not-found",
    "team-does-not-exist",
}
"""Refusals that are about the room: nobody can be added, one by one or together."""

ONE_BY_ONE = frozenset(
    {"invalid-params", "error-invalid-params", "error-users-params-not-provided"}
)
"""What a release answers that takes one person a call."""


Person: TypeAlias = tuple[str, str]
"""A name and its identifier."""


def _present(value: object) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Names that are not among the others, whatever the case of their letters."""
    known = {name.casefold() for name in others}
    return sorted(name for name in names if name.casefold() not in known)


class _People:
    """What both kinds share: names, identifiers, and saying who was not found."""

    removal = Removal.NONE

    def __init__(self, client: Client, places: Places, me: str) -> None:
        self._client = client
        self._places = places
        self._me = me
        self._singly: set[str] = set()

    def _names(self, users: Iterable[Row], ids: Ids) -> frozenset[str]:
        names = []
        for user in users:
            ident = user.get("_id")
            if isinstance(ident, str) and ident not in self._places.robots:
                name = ids.name(Kind.USER, ident) or user.get("username")
                if isinstance(name, str):
                    names.append(name)
        return frozenset(names)

    def _known(self, names: Sequence[str], ids: Ids, failed: dict[str, Problem]) -> list[Person]:
        """Names with their identifiers; those nobody knows are put on the list of failures."""
        found = []
        for name in names:
            ident = ids.find(Kind.USER, name) or self._look_up(name)
            if ident is None:
                failed[name] = Problem("the server has no such person", "error-user-not-found")
            else:
                found.append((name, ident))
        return found

    def _look_up(self, name: str) -> str | None:
        try:
            row = self._client.get("users.info", username=name).get("user") or {}
        except ApiError as error:
            if error.code in GONE:
                return None
            raise
        ident = row.get("_id")
        return ident if isinstance(ident, str) else None

    def _in_batches(
        self,
        call: str,
        people: Sequence[Person],
        send: Callable[[Sequence[Person]], object],
        failed: dict[str, Problem],
    ) -> None:
        """Send people together; where that fails, one by one, noting each one's error."""
        for batch in chunks(list(people), PAGE):
            if len(batch) > 1 and call not in self._singly:
                try:
                    send(batch)
                    continue
                except ApiError as error:
                    if _hopeless(error):
                        raise
                    if error.code in ONE_BY_ONE:
                        self._singly.add(call)

            def alone(person: Person) -> None:
                try:
                    send([person])
                except ApiError as error:
                    if _hopeless(error):
                        raise
                    failed[person[0]] = Problem(error.message, error.code, error.hint)

            self._client.side(alone, batch)


def _hopeless(error: ApiError) -> bool:
    return error.status >= 500 or error.code in ROOM_SAYS_NO


@dataclass(frozen=True)
class _Member:
    id: str
    roles: tuple[str, ...]


class TeamPeople(_People):
    """Members of teams. A lead is an owner of the team."""

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[TeamMembers]]:
        """Who is in the teams asked for."""
        found = [(key, ids.find(Kind.TEAM, key.name)) for key in scope or ()]
        known = [(key, ident) for key, ident in found if ident is not None]
        yield from self._client.side(lambda item: self._read_one(item[0], item[1], ids), known)

    def create(self, want: TeamMembers, run: Run) -> Result:
        """Fill a team that has nobody but this account."""
        return self._settle(want, _present(want.members), frozenset(), frozenset(), run)

    def update(self, change: Change[TeamMembers], run: Run) -> Result:
        """Bring the team to exactly the people wanted."""
        want, have = change.want, change.have
        if want is None:
            return Result()
        old = have.resource if have is not None else TeamMembers(team=want.team)
        before, led = _present(old.members), _present(old.leads)
        members = _present(want.members) if "members" in change.changed else before
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
        members = self._names((row["user"] for row in rows), ids)
        leads = self._names((row["user"] for row in rows if OWNER in _roles(row)), ids)
        return Live(resource=TeamMembers(team=key.name, members=members, leads=leads), id=team)

    def _rows(self, team: str) -> list[Row]:
        rows = self._client.every("teams.members", "members", teamId=team)
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
        leads = _present(want.leads)
        failed: dict[str, Problem] = {}
        lead_names = {name.casefold() for name in leads}
        new = self._known(_without(members | leads, {*before, self._me}), run.ids, failed)
        self._in_batches(
            "teams.addMembers", new, lambda some: self._add(team, some, lead_names), failed
        )
        there = self._there(team) if new or leads != led else {}
        for name, ident in new:
            if ident not in there and name not in failed:
                failed[name] = _vanished()
        self._lead(team, leads, led, there, run, failed)
        gone = _without(before, members | leads | {self._me})
        for name, ident in self._known(gone, run.ids, failed):
            self._take_out(team, name, ident, failed)
        return Result(id=team, failed=failed)

    def _there(self, team: str) -> dict[str, _Member]:
        return {
            row["user"]["_id"]: _Member(row["user"]["_id"], tuple(_roles(row)))
            for row in self._rows(team)
        }

    def _add(self, team: str, people: Sequence[Person], leads: set[str]) -> None:
        members = [
            {"userId": ident, "roles": [OWNER if name.casefold() in leads else PLAIN]}
            for name, ident in people
        ]
        self._client.post("teams.addMembers", {"teamId": team, "members": members}, repeatable=True)

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
            (_without(leads, ()), True),
            (_without(led, {*leads, self._me}), False),
        ):
            for name, ident in self._known(names, run.ids, {}):
                member = there.get(ident)
                if member is None or (OWNER in member.roles) is rises or name in failed:
                    continue
                others = [role for role in member.roles if role not in (OWNER, PLAIN)]
                roles = [*others, OWNER if rises else PLAIN]
                try:
                    self._client.post(
                        "teams.updateMember",
                        {"teamId": team, "member": {"userId": ident, "roles": roles}},
                        repeatable=True,
                    )
                except ApiError as error:
                    failed[name] = Problem(error.message, error.code, error.hint)

    def _take_out(self, team: str, name: str, ident: str, failed: dict[str, Problem]) -> None:
        """Out of the team and of its channels, which the server does not do by itself."""
        body: dict[str, object] = {"teamId": team, "userId": ident}
        rooms = self._places.of_team(team)
        if rooms:
            body["rooms"] = rooms
        try:
            self._client.post(
                "teams.removeMember", body, repeatable=True, done={"member-does-not-exist"}
            )
        except ApiError as error:
            failed[name] = Problem(error.message, error.code, error.hint)


class ChannelPeople(_People):
    """Members of channels."""

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[ChannelMembers]]:
        """Who is in the channels asked for; UNKNOWN where the server does not say."""
        found = [(key, ids.find(Kind.CHANNEL, key.name)) for key in scope or ()]
        known = [(key, ident) for key, ident in found if ident is not None]
        yield from self._client.side(lambda item: self._read_one(item[0], item[1], ids), known)

    def create(self, want: ChannelMembers, run: Run) -> Result:
        """Fill a channel that has nobody but this account."""
        return self._settle(want, frozenset(), run)

    def update(self, change: Change[ChannelMembers], run: Run) -> Result:
        """Bring the channel to exactly the people wanted."""
        if change.want is None or "members" not in change.changed:
            return Result()
        before = _present(change.have.resource.members) if change.have else frozenset()
        return self._settle(change.want, before, run)

    def remove(self, have: Live[ChannelMembers], run: Run) -> Result:
        """People are never taken out of a channel that is put away."""
        return Result()

    def _read_one(self, key: Key, room: str, ids: Ids) -> Live[ChannelMembers]:
        team, _, channel = key.name.partition("/")
        place = self._places.place(room)
        try:
            rows = self._rows(place)
        except ApiError as error:
            if error.code not in ROOM_SAYS_NO | GONE:
                raise
            reason = PUT_AWAY if error.code == "error-room-archived" else CLOSED
            unknown = ChannelMembers(team=team, channel=channel, members=UNKNOWN)
            return Live(resource=unknown, id=room, locked={"members": reason})
        members = self._names(rows, ids)
        return Live(resource=ChannelMembers(team=team, channel=channel, members=members), id=room)

    def _rows(self, place: Place) -> list[Row]:
        return self._client.every(f"{place.family}.members", "members", roomId=place.id)

    def _settle(self, want: ChannelMembers, before: frozenset[str], run: Run) -> Result:
        room = run.ids.get(Kind.CHANNEL, f"{want.team}/{want.channel}")
        place = self._places.place(room)
        members = _present(want.members)
        failed: dict[str, Problem] = {}
        new = self._known(_without(members, {*before, self._me}), run.ids, failed)
        call = f"{place.family}.invite"
        self._in_batches(call, new, lambda some: self._invite(place, some), failed)
        if new:
            there = {row.get("_id") for row in self._rows(place)}
            for name, ident in new:
                if ident not in there and name not in failed:
                    failed[name] = _vanished()
        gone = _without(before, members | {self._me})
        for name, ident in self._known(gone, run.ids, failed):
            self._kick(place, name, ident, failed)
        return Result(id=room, failed=failed)

    def _invite(self, place: Place, people: Sequence[Person]) -> None:
        body: dict[str, object] = {"roomId": place.id}
        if len(people) == 1:
            body["userId"] = people[0][1]
        else:
            body["userIds"] = [ident for _, ident in people]
        self._client.post(f"{place.family}.invite", body, repeatable=True)

    def _kick(self, place: Place, name: str, ident: str, failed: dict[str, Problem]) -> None:
        try:
            self._client.post(
                f"{place.family}.kick",
                {"roomId": place.id, "userId": ident},
                repeatable=True,
                done={"error-user-not-in-room", "error-invalid-user", "error-user-not-found"},
            )
        except ApiError as error:
            failed[name] = Problem(error.message, error.code, error.hint)


def _roles(row: Row) -> list[str]:
    roles = row.get("roles")
    return [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []


def _vanished() -> Problem:
    return Problem(
        "the server took the call and left this person out",
        "vanished",
        "it does so with accounts that are deactivated or were deleted meanwhile",
    )
