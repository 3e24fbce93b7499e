"""In which order changes are made: what stands on what, and what grants before what takes away.

A *need* is a reference: if it fails, the change is blocked. Everything else only waits.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from chatops.platforms.base import Action, Change
from chatops.resources import ADMIN, Channel, Key, Kind, User

__all__ = ["Node", "grants", "graph", "knot", "takes_away", "walk"]


@dataclass(eq=False)
class Node:
    """A change, or a mere meeting point of others. `needs` block it, `waits` only come first."""

    change: Change[Any] | None
    needs: set[Key] = field(default_factory=set)
    waits: "set[Node]" = field(default_factory=set)


def graph(changes: Sequence[Change[Any]], moving: Mapping[Key, Key]) -> list[Node]:
    """The nodes, with what each one waits for."""
    nodes = {c.key.folded: Node(c) for c in changes}
    handed_on = _addresses_handed_on(changes)
    leaving = {*moving, *handed_on.values()}
    settings_in, granted = Node(None), Node(None)
    last_setting: Node | None = None
    # What switches something on comes after what it needs to be set.
    for change in sorted(changes, key=lambda c: c.key.name.endswith(".enabled")):
        node = nodes[change.key.folded]
        if change.key.kind is Kind.SETTING:
            # One at a time: servers store their configuration as a whole.
            if last_setting is not None:
                node.waits.add(last_setting)
            last_setting = node
            settings_in.waits.add(node)
            continue
        node.waits.add(settings_in)
        if change.want is not None:
            for ref in change.want.refs:
                if ref.folded in nodes:
                    node.needs.add(ref)
                    node.waits.add(nodes[ref.folded])
        if isinstance(change.want, User):
            if takes_away(change):
                # A name or an address that is left may be waited for by one that grants.
                if change.key not in leaving:
                    node.waits.add(granted)
            else:
                granted.waits.add(node)
        if change.key.kind is Kind.TEAM_MEMBERS:
            # What newcomers come into is there before they come.
            node.waits.update(nodes[c.key.folded] for c in changes if _welcomes(c, change.key))
        for person in change.want.people if change.want is not None else ():
            user = nodes.get(Key(Kind.USER, person).folded)
            if user is not None and not takes_away(user.change):
                node.waits.add(user)
        if _puts_away(change):
            # What leaves a place goes first: a webhook may move out before its channel closes.
            for other in changes:
                if other is not change and other.have and change.key in other.have.resource.refs:
                    node.waits.add(nodes[other.key.folded])
        if change.action is Action.REMOVE and change.key.kind is Kind.TEAM:
            for other in changes:
                if other.key.name.startswith(f"{change.key.name}/"):
                    node.waits.add(nodes[other.key.folded])
    for new, _ in moving.items():
        for next_one, old in moving.items():
            if old.folded == new.folded and new.folded in nodes and next_one.folded in nodes:
                # The name has to be left before the next one moves in.
                nodes[new.folded].needs.add(next_one)
                nodes[new.folded].waits.add(nodes[next_one.folded])
    for taker, giver in handed_on.items():
        nodes[taker.folded].needs.add(giver)
        nodes[taker.folded].waits.add(nodes[giver.folded])
    return [*nodes.values(), settings_in, granted]


def knot(changes: Sequence[Change[Any]], moving: Mapping[Key, Key]) -> tuple[Key, ...]:
    """People who wait for each other's mail address or name, so that nobody can go first."""
    if not _addresses_handed_on(changes):
        return ()
    try:
        TopologicalSorter({n: n.waits for n in graph(changes, moving)}).prepare()
    except CycleError as error:
        caught: list[Node] = error.args[1]
        keys = {n.change.key for n in caught if n.change is not None}
        return tuple(sorted(keys))
    return ()


def _addresses_handed_on(changes: Sequence[Change[Any]]) -> dict[Key, Key]:
    """Who takes a mail address (key) that somebody else leaves in the same run (value)."""
    left: dict[str, Key] = {}
    for change in changes:
        have = change.have.resource if change.have is not None else None
        if isinstance(have, User) and "email" in change.changed and isinstance(have.email, str):
            left[have.email.casefold()] = change.key
    found = {}
    for change in changes:
        want = change.want
        takes = change.action is Action.CREATE or "email" in change.changed
        if isinstance(want, User) and takes and isinstance(want.email, str):
            giver = left.get(want.email.casefold())
            if giver is not None and giver != change.key:
                found[change.key] = giver
    return found


def _welcomes(change: Change[Any], members: Key) -> bool:
    """Whether a change is of a channel that whoever joins this team comes into."""
    want = change.want
    return isinstance(want, Channel) and want.team == members.name and want.default is True


def _puts_away(change: Change[Any]) -> bool:
    """Whether a channel goes out of use."""
    return change.key.kind is Kind.CHANNEL and (
        change.action is Action.REMOVE
        or ("archived" in change.changed and change.want is not None and change.want.archived)
    )


def grants(change: Change[Any]) -> bool:
    """Whether it makes somebody an admin."""
    want = change.want
    return (
        isinstance(want, User)
        and isinstance(want.roles, frozenset)
        and ADMIN in want.roles
        and (change.action is Action.CREATE or "roles" in change.changed)
    )


def takes_away(change: Change[Any] | None) -> bool:
    """Whether it may leave one admin fewer."""
    if change is None or change.action is not Action.UPDATE or not isinstance(change.want, User):
        return False
    want = change.want
    roles = want.roles if isinstance(want.roles, frozenset) else frozenset({ADMIN})
    return ("roles" in change.changed and ADMIN not in roles) or (
        "active" in change.changed and want.active is False
    )


def walk(
    nodes: Sequence[Node],
    visit: Callable[[Node], None],
    pool: Executor,
    cancelled: threading.Event,
) -> None:
    """Visit every node after those it waits for, as many at once as the pool takes.

    Stops handing out work when `cancelled` is set; what is under way is finished.
    """

    def step(node: Node) -> None:
        # All that is ready stands in the pool's queue: what has not begun must not begin.
        if not cancelled.is_set():
            visit(node)

    sorter: TopologicalSorter[Node] = TopologicalSorter({n: n.waits for n in nodes})
    sorter.prepare()
    running: dict[Future[None], Node] = {}
    while sorter.is_active():
        if not cancelled.is_set():
            for ready in sorter.get_ready():
                running[pool.submit(step, ready)] = ready
        if not running:
            return
        finished, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in finished:
            future.result()
            sorter.done(running.pop(future))
