"""What differs between what should be and what is: pure, and free of products."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from chatops.core import safety
from chatops.core.aims import aim
from chatops.core.desired import Desired
from chatops.core.leftovers import from_other_teams, leftovers, perhaps_renamed
from chatops.core.membership import effective
from chatops.core.plan import Note, NoteKind, name_field
from chatops.platforms.base import Action, Change, Limits, Removal
from chatops.resources import (
    ADMIN,
    UNKNOWN,
    UNSET,
    Channel,
    ChannelMembers,
    Compare,
    Department,
    Key,
    Kind,
    Live,
    Picture,
    PinnedMessages,
    Resource,
    Setting,
    TeamMembers,
    User,
    field_names,
    key_matches,
)
from chatops.secrets import Secret
from chatops.spec.models import Unmanaged

__all__ = ["Difference", "Memory", "Observed", "compare"]


class Memory(Protocol):
    """What was last written into fields that no server shows again."""

    def same(self, key: Key, name: str, value: Secret | Picture) -> bool | None:
        """Whether it is this value; None where nobody can tell."""
        ...


class _Forgetful:
    def same(self, key: Key, name: str, value: Secret | Picture) -> bool | None:
        return None


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What was read: everything by key, who we are, and what the server will not exceed."""

    live: Mapping[Key, Live[Any]]
    me: str = ""
    limits: Limits = field(default_factory=Limits)
    memory: Memory = field(default_factory=_Forgetful)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What would be done, remarks, and why it may be refused."""

    changes: tuple[Change[Any], ...]
    notes: tuple[Note, ...]
    refusals: tuple[str, ...]
    unchanged: int


def compare(
    desired: Desired,
    held: Iterable[Resource],
    observed: Observed,
    moving: Mapping[Key, Key],
    *,
    only: tuple[str, ...] = (),
    allow_removals: bool = False,
    removals: Mapping[Kind, Removal] = {},
) -> Difference:
    """Compare field by field. `held` are the wanted resources in the platform's own form."""
    return _Comparison(desired, tuple(held), observed, moving, only, allow_removals, removals).run()


class _Comparison:
    def __init__(
        self,
        desired: Desired,
        held: tuple[Resource, ...],
        observed: Observed,
        moving: Mapping[Key, Key],
        only: tuple[str, ...],
        allow_removals: bool,
        removals: Mapping[Kind, Removal],
    ) -> None:
        self.removals = removals
        self.desired = desired
        self.held = held
        self.live = observed.live
        self.me = observed.me
        self.limits = observed.limits
        self.memory = observed.memory
        self.moving = moving
        self.only = only
        self.allow_removals = allow_removals
        self.changes: list[Change[Any]] = []
        self.notes: list[Note] = []
        self.refusals: list[str] = []
        self.unchanged = 0
        self.managed: Counter[Kind] = Counter()
        self.lost: Counter[Kind] = Counter()
        self.gone: dict[str, frozenset[str]] = {}
        self.hands_off = desired.inactive | self._off_duty() | self._never_called_so()

    def _off_duty(self) -> frozenset[str]:
        """People who are deactivated on the server while the file is silent about it."""
        silent = {r.username for r in self.held if isinstance(r, User) and r.active is UNSET}
        off = set()
        for name in silent:
            key = Key(Kind.USER, name)
            there = self.live.get(self.moving.get(key, key).folded)
            if there is not None and there.resource.active is False:
                off.add(name)
        return frozenset(off)

    def _never_called_so(self) -> frozenset[str]:
        """The new name of the account that runs, which keeps its old one."""
        mine = Key(Kind.USER, self.me).folded
        return frozenset(
            new.name
            for new, old in self.desired.renames.items()
            if old.folded == mine and new.folded not in self.live
        )

    def run(self) -> Difference:
        for want in self.held:
            if self._asked(want.key) and not self._ignored(want.key):
                self._one(want)
        if self.desired.policy.unmanaged is not Unmanaged.IGNORE:
            left = leftovers(self.desired, self.held, self.live, self.removals, self._ours)
            self.changes += left.changes
            self.notes += left.notes
            self.lost.update(left.lost)
            self.managed.update(left.managed)
            self.notes += perhaps_renamed(self.changes, self.notes)
        notes, refusals = from_other_teams(self.desired, self.live, self.changes, self._ours)
        self.notes += notes
        self.refusals += refusals
        self.refusals += self._unsafe()
        order = list(Kind)
        self.changes.sort(key=lambda c: (order.index(c.key.kind), c.key.name))
        self.notes.sort(
            key=lambda n: (n.key is not None, order.index(n.key.kind) if n.key else 0, str(n.key))
        )
        return Difference(
            changes=tuple(self.changes),
            notes=tuple(self.notes),
            refusals=tuple(self.refusals),
            unchanged=self.unchanged,
        )

    def _ours(self, key: Key) -> bool:
        mine = key.name.casefold() == self.me.casefold()
        return self._asked(key) and not self._ignored(key) and not mine

    def _asked(self, key: Key) -> bool:
        return not self.only or any(key_matches(p, key) for p in self.only)

    def _ignored(self, key: Key) -> bool:
        """By its name, by the name it has now, or with the channel or team it belongs to."""
        keys = {key, self.moving.get(key, key), self.desired.renames.get(key, key)}
        owner = _OWNERS.get(key.kind)
        if owner is not None:
            keys |= {Key(owner, k.name) for k in keys}
        return any(key_matches(p, k) for p in self.desired.ignore for k in keys)

    def _one(self, want: Resource) -> None:
        key = want.key
        have = self.live.get(self.moving.get(key, key).folded)
        if isinstance(want, Setting) and (want.value is UNSET or have is None):
            if want.value is not UNSET:
                self._note(NoteKind.UNREADABLE, key, "the server does not show this setting")
            return
        if isinstance(want, TeamMembers | ChannelMembers):
            self._members(want, have)
            return
        old = self.desired.renames.get(key)
        if have is None and old is not None and old.folded == Key(Kind.USER, self.me).folded:
            self._note(NoteKind.KEPT, key, f"{old.name} keeps its name: this run signs in with it")
            return
        if have is None:
            if _not_worth_making(want):
                self.unchanged += 1
                return
            want = self._aim(want, None)
            self.changes.append(Change(action=Action.CREATE, key=key, want=want, have=None))
            return
        self.managed[key.kind] += 1
        want = self._aim(want, have)
        if isinstance(want, Department) and isinstance(have.resource.agents, frozenset):
            agents = want.agents if isinstance(want.agents, frozenset) else frozenset()
            self._lose(want, len(have.resource.agents - agents))
        if isinstance(want, User):
            want = self._spare_me(want, have)
        self._update(want, have, self._changed(want, have))

    def _aim(self, want: Resource, have: Live[Any] | None) -> Resource:
        target: Resource = aim(
            want,
            have.resource if have else None,
            exact=want.key in self.desired.exact,
            inactive=self.hands_off,
            me=self.me,
            own_roles=self.desired.own_roles,
        )
        return target

    def _changed(self, want: Resource, have: Live[Any]) -> tuple[str, ...]:
        changed = []
        naming = name_field(want)
        shown = field_names(want)
        for name in field_names(want, writable=True):
            new, old = getattr(want, name), getattr(have.resource, name)
            if name not in shown:
                # It is only ever sent: no server shows it. Asking for something is a change.
                old = UNKNOWN
                if new is True:
                    changed.append(name)
            if old is UNKNOWN and isinstance(new, Secret | Picture):
                same = self.memory.same(want.key, name, new)
                if same is False:
                    changed.append(name)
                elif same is None:
                    what = "it" if name == "value" else f"its {name}"
                    text = f"nobody can tell whether {what} is as the file says: no vault remembers"
                    self._note(NoteKind.UNREADABLE, want.key, text)
                continue
            if old is UNKNOWN and new is not UNSET and name in have.locked:
                what = "it" if name == "value" else name
                text = f"{what} cannot be read, so it is left alone: {have.locked[name]}"
                self._note(NoteKind.UNREADABLE, want.key, text)
            if new is UNSET or old is UNKNOWN or old is UNSET:
                continue
            if name == naming and want.key not in self.moving:
                continue
            if isinstance(want, Setting) and want.compare is Compare.AT_LEAST and old >= new:
                continue
            if new != old:
                changed.append(name)
        return tuple(changed)

    def _update(self, want: Resource, have: Live[Any], changed: tuple[str, ...]) -> None:
        free = []
        for name in changed:
            if name in have.locked:
                what = "" if want.kind is Kind.SETTING else f"{name} "
                self._note(
                    NoteKind.LOCKED, want.key, f"{what}cannot be changed: {have.locked[name]}"
                )
            else:
                free.append(name)
        if not free:
            self.unchanged += not changed
            return
        for name, gone in (("active", False), ("archived", True)):
            if name in free and getattr(want, name) is gone:
                self.lost[want.kind] += 1
        self.changes.append(
            Change(action=Action.UPDATE, key=want.key, want=want, have=have, changed=tuple(free))
        )

    def _spare_me(self, want: User, have: Live[Any]) -> User:
        """The account that runs is never demoted, switched off or renamed by its own run."""
        if have.resource.username.casefold() != self.me.casefold():
            return want
        kept = []
        if isinstance(want.password, Secret):
            kept.append("keeps its password")
            want = replace(want, password=UNSET)
        if isinstance(want.roles, frozenset) and ADMIN not in want.roles:
            if have.resource.roles is not UNKNOWN and ADMIN in have.resource.roles:
                kept.append("stays an admin")
            want = replace(want, roles=UNSET)
        if want.active is False:
            kept.append("stays active")
            want = replace(want, active=UNSET)
        if want.email not in (UNSET, have.resource.email):
            # Servers want a password for it, or a click in a mail: a person does that.
            kept.append("keeps its mail address")
            want = replace(want, email=UNSET)
        if kept:
            self._note(NoteKind.KEPT, want.key, f"{', '.join(kept)}: this run signs in with it")
        return want

    def _members(self, want: TeamMembers | ChannelMembers, have: Live[Any] | None) -> None:
        exact = want.key in self.desired.exact
        wanted: dict[str, Any] = {}
        known = have.resource if have is not None else None
        leads = getattr(want, "leads", UNSET)
        for name, names in (("members", want.members), ("leads", leads)):
            if not isinstance(names, frozenset):
                continue
            old = getattr(known, name) if known is not None else frozenset()
            if old is UNKNOWN or old is UNSET:
                self._note(
                    NoteKind.UNREADABLE,
                    want.key,
                    f"{name} cannot be read by this account, so they are left alone",
                )
                continue
            wanted[name] = effective(names, old, exact=exact, inactive=self.hands_off, me=self.me)
        if "leads" in wanted and "members" in wanted:
            wanted["members"] |= wanted["leads"]
        unread: dict[str, Any] = {n: UNSET for n in field_names(want) if n not in wanted}
        target: Any = replace(want, **unread, **wanted)
        if isinstance(want, ChannelMembers) and have is not None and "members" in wanted:
            # Whom the team loses, its channels lose with it.
            gone_before = self.gone.get(want.team, frozenset())
            target = replace(target, members=wanted["members"] - gone_before)
            have = have.with_(members=have.resource.members - gone_before)
        if have is None:
            if any(wanted.values()):
                self.changes.append(
                    Change(action=Action.CREATE, key=want.key, want=target, have=None)
                )
            else:
                self.unchanged += 1
            return
        if isinstance(have.resource.members, frozenset):
            self.managed[want.kind] = self.managed.get(want.kind, 0) + len(have.resource.members)
        changed = self._changed(target, have)
        if "members" in changed and "members" not in have.locked:
            gone = have.resource.members - target.members
            self._lose(want, len(gone))
            if isinstance(want, TeamMembers):
                self.gone[want.team] = gone
                self._lose(want, self._places_below(want.team, gone))
        if "leads" in changed and "leads" not in have.locked:
            self._lose(want, len((have.resource.leads - target.leads) & target.members))
        self._update(target, have, changed)

    def _lose(self, what: Resource, count: int) -> None:
        self.lost[what.kind] = self.lost.get(what.kind, 0) + count

    def _places_below(self, team: str, people: frozenset[str]) -> int:
        """How many places in channels go with these people's place in the team."""
        return sum(
            len(people & x.resource.members)
            for x in self.live.values()
            if isinstance(x.resource, ChannelMembers)
            and x.resource.team == team
            and isinstance(x.resource.members, frozenset)
        )

    def _unsafe(self) -> list[str]:
        policy = self.desired.policy
        found = []
        if not self.allow_removals:
            found += safety.too_many(policy.max_removals, self.lost, self.managed)
        found += safety.too_few_admins(policy.min_admins, self.live, self.changes)
        found += safety.too_many_people(self.limits, self.changes)
        found += safety.taken_addresses(self.live, self.changes)
        if self.only:
            keys = [r.key for r in self.held] + [x.key for x in self.live.values()]
            found += safety.names_nothing(self.only, keys)
            found += safety.stands_on_nothing(self.changes, self.live, self.moving)
        return found

    def _note(self, kind: NoteKind, key: Key, message: str) -> None:
        self.notes.append(Note(kind=kind, key=key, message=message))


_OWNERS: Final = {
    Kind.CHANNEL_MEMBERS: Kind.CHANNEL,
    Kind.PINNED: Kind.CHANNEL,
    Kind.TEAM_MEMBERS: Kind.TEAM,
}
"""To which thing a thing belongs that has the same name."""


def _not_worth_making(want: Resource) -> bool:
    """Who has left and what is put away is not made to be so; nothing pinned is nothing."""
    return (
        (isinstance(want, User) and want.active is False)
        or (isinstance(want, Channel) and want.archived is True)
        or (isinstance(want, PinnedMessages) and not want.texts)
    )
