"""Making the changes of a plan. No line of this names a platform."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from chatops.core import diff, order
from chatops.core.aims import MEMBERSHIPS, PEOPLE
from chatops.core.desired import Desired
from chatops.core.diff import Observed
from chatops.core.events import Event, Outcome, Report
from chatops.core.plan import Plan
from chatops.core.reading import Reading, names_by, read_kind, renamed
from chatops.errors import AmbiguousError, ApiError, ChatopsError, ServerError
from chatops.platforms.base import (
    Action,
    Change,
    Handler,
    Onboarding,
    Problem,
    Result,
    Run,
    Server,
)
from chatops.resources import UNSET, Key, Kind, Live, Picture, Resource, User, field_names
from chatops.secrets import Secret
from chatops.spec.models import Unmanaged

__all__ = ["apply"]

_NO_CAP = 1_000_000
_NO_MAIL = Problem(
    "the account was made, but its answer was lost, and with it the invitation",
    "no-mail",
    "ask the person to use “forgot password” at the sign-in page",
)


def apply(
    plan: Plan,
    desired: Desired,
    reading: Reading,
    server: Server,
    run: Run,
    *,
    parallelism: int = 8,
    on_event: Callable[[Event], None] = lambda event: None,
) -> Report:
    """Make the changes, independent ones side by side, and read again what was made."""
    return _Apply(plan, desired, reading, server, run, parallelism, on_event).run()


class _Apply:
    def __init__(
        self,
        plan: Plan,
        desired: Desired,
        reading: Reading,
        server: Server,
        run: Run,
        parallelism: int,
        on_event: Callable[[Event], None],
    ) -> None:
        self.plan = plan
        self.desired = desired
        self.reading = reading
        self.server = server
        self.shared = run
        self.parallelism = parallelism
        self.on_event = on_event
        self.names = names_by(reading.held, plan.renames)
        self.grant_failed: Key | None = None
        self.unchecked = ""
        self.done: dict[Key, Event] = {}
        self._lock = threading.Lock()

    def run(self) -> Report:
        started = time.monotonic()
        graph = order.graph(self.plan.changes, self.plan.renames)
        failed: set[Key] = set()
        with ThreadPoolExecutor(max(1, self.parallelism)) as pool:
            order.walk(graph, lambda node: self._visit(node, failed), pool, self.shared.cancelled)
        for change in self.plan.changes:
            if change.key not in self.done:
                self._report(Event(change=change, outcome=Outcome.NOT_STARTED))
        if not self.shared.cancelled.is_set():
            try:
                self._verify()
            except ServerError as error:
                # What was done is done, and must be told all the same.
                self.unchecked = error.message
        return Report(
            events=tuple(self.done[c.key] for c in self.plan.changes),
            seconds=time.monotonic() - started,
            interrupted=self.shared.cancelled.is_set(),
            unchecked=self.unchecked,
        )

    def _visit(self, node: order.Node, failed: set[Key]) -> None:
        change = node.change
        if change is None:
            return
        broken = sorted(k for k in node.needs if k in failed)
        if not broken and self.grant_failed is not None and order.takes_away(change):
            # The admin who was to follow is none: the one who is stays.
            broken = [self.grant_failed]
        if broken:
            failed.add(change.key)
            self._report(Event(change=change, outcome=Outcome.BLOCKED, blocked_by=broken[0]))
            return
        self.on_event(Event(change=change, outcome=Outcome.STARTED))
        started = time.monotonic()
        try:
            result = self._act(change)
        except ChatopsError as error:
            code = getattr(error, "code", "")
            problem = Problem(error.message, code, error.hint)
            failed.add(change.key)
            event = Event(change=change, outcome=Outcome.FAILED, problem=problem)
        except Exception as error:  # a bug of ours must not stop the others
            failed.add(change.key)
            problem = Problem(f"unexpected {type(error).__name__}: {error}", "internal")
            event = Event(change=change, outcome=Outcome.FAILED, problem=problem)
        else:
            outcome = Outcome.PARTLY if result.failed else Outcome.DONE
            event = Event(change=change, outcome=outcome, failed=result.failed)
        self._report(replace(event, seconds=time.monotonic() - started))

    def _report(self, event: Event) -> None:
        bad = event.outcome in (Outcome.FAILED, Outcome.BLOCKED, Outcome.PARTLY)
        if bad and order.grants(event.change):
            self.grant_failed = event.change.key
        with self._lock:
            self.done[event.change.key] = event
        self.on_event(event)

    def _act(self, change: Change[Any]) -> Result:
        change, missing = self._without_missing(change)
        change = self._still_so(change)
        try:
            result = self._send(change)
        except AmbiguousError as error:
            result = self._settle(change, error)
        if result.id:
            self.shared.ids.put(change.key, result.id)
        if result.outputs:
            self.shared.keep(change.key, result.outputs)
        self._remember(change, result)
        return replace(result, failed={**missing, **result.failed})

    def _remember(self, change: Change[Any], result: Result) -> None:
        """Note what was written and is never shown again, so that a later change is seen."""
        if change.want is None:
            return
        # First passwords are handed over and changed; that of this account alone stays what it is.
        kept = change.key == self.shared.break_glass
        whole = field_names(change.want, writable=kept)
        names = whole if change.action is Action.CREATE else change.changed
        for name in names:
            value = getattr(change.want, name)
            if isinstance(value, Secret | Picture) and name not in result.failed:
                self.shared.remember(change.key, name, value)

    def _still_so(self, change: Change[Any]) -> Change[Any]:
        """Read again just before taking anything away: somebody else may have been here."""
        if change.have is None or not _takes(change):
            return change
        there = next(iter(self._look(change.have.key)), None)
        if change.key.kind in MEMBERSHIPS and there is not None:
            return _rebased(change, there)
        if there is None and change.action is Action.REMOVE:
            return change
        names = field_names(change.have.resource)
        if there is None or any(
            getattr(there.resource, n) != getattr(change.have.resource, n) for n in names
        ):
            raise ApiError(
                "it has changed on the server since the plan was made; nothing was taken away",
                status=0,
                code="changed-meanwhile",
                hint="plan again",
            )
        return change

    def _send(self, change: Change[Any]) -> Result:
        handler: Handler[Any] = self.server.handlers[change.key.kind]
        if change.action is Action.CREATE:
            return handler.create(change.want, self.shared)
        if change.action is Action.UPDATE:
            return handler.update(change, self.shared)
        return handler.remove(_there(change), self.shared)

    def _without_missing(self, change: Change[Any]) -> tuple[Change[Any], dict[str, Problem]]:
        """A membership without those people who could not be made: the others still come in."""
        want = change.want
        if want is None or not want.people:
            return change, {}
        missing: set[str] = set()
        fields: dict[str, Any] = {}
        for name in PEOPLE:
            people = getattr(want, name, None)
            if isinstance(people, frozenset):
                # Who is in already stays in, also a stranger who came after people were read.
                before = getattr(change.have.resource, name) if change.have else frozenset()
                new = people - before if isinstance(before, frozenset) else people
                gone = {p for p in new if self.shared.ids.find(Kind.USER, p) is None}
                missing |= gone
                fields[name] = people - gone
        if not missing:
            return change, {}
        problem = Problem("is not on the server", "missing", "see why the person failed")
        return replace(change, want=replace(want, **fields)), dict.fromkeys(missing, problem)

    def _settle(self, change: Change[Any], lost: AmbiguousError) -> Result:
        """After a lost answer: look what is there, then finish, or try once more."""
        there = next(iter(self._look(change.key)), None)
        if change.action is Action.REMOVE:
            if there is None or there.archived:
                return Result()
            return self._send(change)
        if there is None:
            if change.action is Action.CREATE:
                return self._send(change)
            raise lost
        want: Any = change.want
        creating = change.action is Action.CREATE and isinstance(want, User)
        if creating and want.email not in (UNSET, there.resource.email):
            # A stranger with the same name is none of ours; the mail address tells.
            raise lost
        left = _differs(want, there)
        result = Result(id=there.id)
        if left:
            self.shared.ids.put(change.key, there.id)
            again = Change(
                action=Action.UPDATE, key=change.key, want=want, have=there, changed=left
            )
            result = replace(self._send(again), id=there.id)
        if creating and self.shared.way_in(change.key) is Onboarding.MAIL:
            # The call that was lost is the one that the mail comes after.
            result = replace(result, failed={**result.failed, "mail": _NO_MAIL})
        return result

    def _read(self, kind: Kind, keys: list[Key]) -> list[Live[Any]]:
        """Read again, in the names that people have by the end of this run."""
        return list(renamed(read_kind(self.server, kind, keys, self.shared.ids), self.names))

    def _look(self, key: Key) -> list[Live[Any]]:
        return [x for x in self._read(key.kind, [key]) if x.key.folded == key.folded]

    def _verify(self) -> None:
        """Read again what was changed; what is not as wanted has not converged."""
        good = {k for k, e in self.done.items() if e.outcome in (Outcome.DONE, Outcome.PARTLY)}
        if not good:
            return
        live: dict[Key, Live[Any]] = {}
        for kind in Kind:
            scope = [k for k in good if k.kind is kind]
            if scope:
                for item in self._read(kind, scope):
                    live[item.key.folded] = item
        wanted = tuple(c.want for c in self.plan.changes if c.want is not None and c.key in good)
        calm = replace(
            self.desired,
            policy=replace(self.desired.policy, unmanaged=Unmanaged.IGNORE, max_removals=_NO_CAP),
            ignore=(),
        )
        left = diff.compare(
            calm,
            tuple(_shown_again(w) for w in wanted),
            Observed(live=live, me=self.reading.observed.me),
            {},
        )
        for change in left.changes:
            event = self.done[change.key]
            fields = tuple(n for n in change.changed or ("all of it",))
            if event.failed and set(fields) <= set(PEOPLE):
                continue
            problem = Problem(
                f"not converged: after the change the server still differs in {', '.join(fields)}",
                "not-converged",
                "run the plan again; if it stays, something else writes to this server",
            )
            self._report(replace(event, outcome=Outcome.FAILED, problem=problem))
        for change in self.plan.changes:
            there = live.get(change.key.folded)
            removed = change.action is Action.REMOVE and change.key in good
            if removed and there is not None and not there.archived:
                problem = Problem("not converged: it is still in use", "not-converged")
                self._report(
                    replace(self.done[change.key], outcome=Outcome.FAILED, problem=problem)
                )


def _shown_again(want: Resource) -> Any:
    """What a server can show of it: fields that are only ever sent are left out."""
    sent = {*field_names(want, writable=True)} - {*field_names(want)}
    fields: dict[str, Any] = dict.fromkeys(sent, UNSET)
    return replace(want, **fields) if fields else want


def _takes(change: Change[Any]) -> bool:
    """Whether it removes, archives, deactivates, or takes people out."""
    if change.action is Action.REMOVE:
        return True
    want, have = change.want, change.have
    if change.action is not Action.UPDATE or want is None or have is None:
        return False
    gone = any(
        bool(getattr(have.resource, n) - getattr(want, n))
        for n in PEOPLE
        if n in change.changed and isinstance(getattr(have.resource, n), frozenset)
    )
    off = "active" in change.changed and want.active is False
    return gone or off or ("archived" in change.changed and want.archived is True)


def _rebased(change: Change[Any], there: Live[Any]) -> Change[Any]:
    """The same people in and out, counted from who is in now: nobody who came since is lost."""
    want, have = change.want, change.have
    if want is None or have is None:
        return change
    fields: dict[str, Any] = {}
    for name in change.changed:
        old, now = getattr(have.resource, name), getattr(there.resource, name)
        if isinstance(now, frozenset):
            target = getattr(want, name)
            fields[name] = (now | (target - old)) - (old - target)
    return replace(change, want=replace(want, **fields), have=there)


def _there(change: Change[Any]) -> Live[Any]:
    if change.have is None:
        raise ValueError(f"nothing to remove: {change.key}")
    return change.have


def _differs(want: Resource, there: Live[Any]) -> tuple[str, ...]:
    return tuple(
        name
        for name in field_names(want)
        if getattr(want, name) is not UNSET
        and isinstance(getattr(there.resource, name), type(getattr(want, name)))
        and getattr(want, name) != getattr(there.resource, name)
    )
