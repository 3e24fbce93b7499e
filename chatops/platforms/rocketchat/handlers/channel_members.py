"""Who is in a channel, and who looks after it.

A lead is a moderator of the room: one may write where nobody else may, pin, and take people in
and out. An owner may all that too and counts as one; but only owners can delete a room with
everything in it, and a room's only owner can be neither deactivated nor taken out, so nobody is
made an owner here. The account that runs owns what it has made.
"""

from collections.abc import Iterable, Mapping, Sequence

from chatops.errors import ApiError
from chatops.platforms.base import Change, Problem, Result, Run, Scope
from chatops.platforms.rocketchat.client import Row
from chatops.platforms.rocketchat.handlers.roster import (
    MODERATOR,
    OWNER,
    ROOM_SAYS_NO,
    Person,
    Roster,
    noted,
    present,
    roles_of,
    vanished,
    without,
)
from chatops.platforms.rocketchat.places import Place
from chatops.platforms.rocketchat.refusals import GONE
from chatops.resources import UNKNOWN, ChannelMembers, Ids, Key, Kind, Live

__all__ = ["ChannelPeople"]

CLOSED = (
    "a private channel that this account is not in: the server shows its members to members only; "
    "invite the account that runs chatops"
)
PUT_AWAY = "the channel is archived: the server shows its members again when it is brought back"
SAYS_NO = ROOM_SAYS_NO | GONE
LAST_OWNER = Problem(
    "this person is the only owner of the room",
    "error-remove-last-owner",
    "make somebody else an owner first",
)


class ChannelPeople(Roster):
    """Members of channels."""

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[ChannelMembers]]:
        """Who is in the channels asked for; UNKNOWN where the server does not say."""
        found = [(key, ids.find(Kind.CHANNEL, key.name)) for key in scope or ()]
        known = [(key, ident) for key, ident in found if ident is not None]
        yield from self.client.side(lambda item: self._read_one(item[0], item[1], ids), known)

    def create(self, want: ChannelMembers, run: Run) -> Result:
        """Fill a channel that has nobody but this account."""
        return self._settle(want, present(want.members), frozenset(), frozenset(), run)

    def update(self, change: Change[ChannelMembers], run: Run) -> Result:
        """Bring the channel to exactly the people wanted."""
        want, have = change.want, change.have
        if want is None:
            return Result()
        old = have.resource if have is not None else ChannelMembers(team="", channel="")
        before, led = present(old.members), present(old.leads)
        members = present(want.members) if "members" in change.changed else before
        # Who leaves the channel looks after it no more; the others go on.
        leads = present(want.leads) if "leads" in change.changed else led
        want = ChannelMembers(team=want.team, channel=want.channel, leads=leads)
        return self._settle(want, members, before, led, run)

    def remove(self, have: Live[ChannelMembers], run: Run) -> Result:
        """People are never taken out of a channel that is put away."""
        return Result()

    def _read_one(self, key: Key, room: str, ids: Ids) -> Live[ChannelMembers]:
        team, _, channel = key.name.partition("/")
        place = self.places.place(room)
        try:
            rows = self._rows(place)
        except ApiError as error:
            if error.code not in SAYS_NO:
                raise
            reason = PUT_AWAY if error.code == "error-room-archived" else CLOSED
            leads = self.names(self._those_with(place, OWNER, MODERATOR), ids)
            closed = ChannelMembers(team=team, channel=channel, members=UNKNOWN, leads=leads)
            return Live(resource=closed, id=room, locked={"members": reason})
        members = self.names(rows, ids)
        held = self._held(place)
        # Roles outlast an account that is deactivated; the list of members does not show it.
        leads = self.names((row for row in rows if held.get(row.get("_id", ""))), ids)
        people = ChannelMembers(team=team, channel=channel, members=members, leads=leads)
        return Live(resource=people, id=room)

    def _rows(self, place: Place) -> list[Row]:
        return self.client.every(f"{place.family}.members", "members", roomId=place.id)

    def _held(self, place: Place) -> Mapping[str, frozenset[str]]:
        """Who owns or moderates a room, by id."""
        found: dict[str, frozenset[str]] = {}
        try:
            rows = self.client.get(f"{place.family}.roles", roomId=place.id).get("roles")
        except ApiError as error:
            if error.code not in SAYS_NO:
                raise
            for role in (OWNER, MODERATOR):
                for person in self._those_with(place, role):
                    found[person["_id"]] = found.get(person["_id"], frozenset()) | {role}
            return found
        for row in rows if isinstance(rows, list) else ():
            ident = (row.get("u") or {}).get("_id")
            roles = frozenset(roles_of(row)) & {OWNER, MODERATOR}
            if isinstance(ident, str) and roles:
                found[ident] = roles
        return found

    def _those_with(self, place: Place, *roles: str) -> list[Row]:
        """Who has a role in a room, told to those who manage roles whether they are in or not."""
        return [
            row
            for role in roles
            for row in self.client.every(
                "roles.getUsersInRole", "users", role=role, roomId=place.id
            )
            if isinstance(row.get("_id"), str)
        ]

    def _settle(
        self,
        want: ChannelMembers,
        members: frozenset[str],
        before: frozenset[str],
        led: frozenset[str],
        run: Run,
    ) -> Result:
        room = run.ids.get(Kind.CHANNEL, f"{want.team}/{want.channel}")
        place = self.places.place(room)
        leads = present(want.leads)
        failed: dict[str, Problem] = {}
        new = self.known(without(members, {*before, self.me}), run.ids, failed)
        call = f"{place.family}.invite"
        self.in_batches(call, new, lambda some: self._invite(place, some), failed)
        if new:
            there = {row.get("_id") for row in self._rows(place)}
            for name, ident in new:
                if ident not in there and name not in failed:
                    failed[name] = vanished()
        if leads != led:
            self._lead(place, leads, led, run, failed)
        gone = without(before, members | {self.me})
        for name, ident in self.known(gone, run.ids, failed):
            self._kick(place, name, ident, failed)
        return Result(id=room, failed=failed)

    def _invite(self, place: Place, people: Sequence[Person]) -> None:
        body: dict[str, object] = {"roomId": place.id}
        if len(people) == 1:
            body["userId"] = people[0][1]
        else:
            body["userIds"] = [ident for _, ident in people]
        self.client.post(f"{place.family}.invite", body, repeatable=True)

    def _lead(
        self,
        place: Place,
        leads: frozenset[str],
        led: frozenset[str],
        run: Run,
        failed: dict[str, Problem],
    ) -> None:
        """Give the role before it is taken, one person a call."""
        held = dict(self._held(place))
        for name, ident in self.known(without(leads, {*led, self.me}), run.ids, {}):
            if name not in failed and ident not in held:
                self._give(place, name, ident, failed)
        for name, ident in self.known(without(led, {*leads, self.me}), run.ids, {}):
            if MODERATOR in held.get(ident, ()):
                self._take(place, MODERATOR, name, ident, failed)
            if OWNER in held.get(ident, ()):
                if sum(OWNER in roles for roles in held.values()) == 1:
                    failed[name] = LAST_OWNER
                    continue
                self._take(place, OWNER, name, ident, failed)
                held.pop(ident)

    def _give(self, place: Place, name: str, ident: str, failed: dict[str, Problem]) -> None:
        try:
            self.client.post(
                f"{place.family}.addModerator",
                {"roomId": place.id, "userId": ident},
                repeatable=True,
                done={"error-user-already-moderator"},
            )
        except ApiError as error:
            if error.code not in SAYS_NO:
                failed[name] = noted(error)
                return
            # Those who manage roles give them in rooms that they are not in as well.
            body = {"roleId": MODERATOR, "username": name, "roomId": place.id}
            self._in_role("roles.addUserToRole", body, name, failed)

    def _take(
        self, place: Place, role: str, name: str, ident: str, failed: dict[str, Problem]
    ) -> None:
        try:
            self.client.post(
                f"{place.family}.remove{role.capitalize()}",
                {"roomId": place.id, "userId": ident},
                repeatable=True,
                done={f"error-user-not-{role}"},
            )
        except ApiError as error:
            if error.code not in SAYS_NO:
                failed[name] = noted(error)
                return
            body = {"roleId": role, "username": name, "scope": place.id}
            self._in_role("roles.removeUserFromRole", body, name, failed)

    def _in_role(
        self, call: str, body: Mapping[str, str], name: str, failed: dict[str, Problem]
    ) -> None:
        done = {"error-user-already-in-role", "error-user-not-in-role"}
        try:
            self.client.post(call, body, repeatable=True, done=done)
        except ApiError as error:
            failed[name] = noted(error)

    def _kick(self, place: Place, name: str, ident: str, failed: dict[str, Problem]) -> None:
        try:
            self.client.post(
                f"{place.family}.kick",
                {"roomId": place.id, "userId": ident},
                repeatable=True,
                done={"error-user-not-in-room", "error-invalid-user", "error-user-not-found"},
            )
        except ApiError as error:
            failed[name] = noted(error)
