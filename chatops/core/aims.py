"""What to aim for where the file's word is not the whole of it: pure, computed before the diff.

People, permissions, pinned messages and the channels of a bot are sets that others add to as
well. What of them is ours to take away differs by kind, and is said here.
"""

from collections.abc import Set
from dataclasses import replace
from typing import Any, Final, TypeVar

from chatops.core.membership import effective
from chatops.resources import (
    Bot,
    Department,
    Kind,
    PinnedMessages,
    Resource,
    Role,
    User,
    in_part,
)

__all__ = ["MEMBERSHIPS", "PEOPLE", "aim"]

R = TypeVar("R", bound=Resource)

MEMBERSHIPS: Final = (Kind.TEAM_MEMBERS, Kind.CHANNEL_MEMBERS)
PEOPLE: Final = ("members", "leads", "agents")
"""The fields that hold people, by user name."""


def aim(
    want: R,
    have: R | None,
    *,
    exact: bool = False,
    inactive: Set[str] = frozenset(),
    me: str = "",
    own_roles: Set[str] = frozenset(),
) -> R:
    """The wanted thing with those sets as they should be in the end. `have` None: nothing there."""
    match want:
        case Role(may=frozenset() as may):
            # A word that is given or taken is so as a whole; of the others a part may stay.
            parts = {in_part(word) for word in may | want.may_not}
            there = _set(have, "may") - parts
            return _with(want, may=(may | there) - want.may_not)
        case PinnedMessages(texts=frozenset() as texts):
            others = _set(have, "texts") - _set(have, "ours")
            return _with(want, texts=texts | others)
        case Bot(channels=frozenset() as channels):
            return _with(want, channels=channels | _set(have, "channels"))
        case Department(agents=frozenset() as agents):
            there = _set(have, "agents")
            people = effective(agents, there, exact=exact, inactive=inactive, me=me)
            return _with(want, agents=people)
        case User(own_roles=frozenset() as roles):
            return _with(want, own_roles=roles | (_set(have, "own_roles") - own_roles))
    return want


def _set(have: Resource | None, name: str) -> frozenset[str]:
    found: object = getattr(have, name, frozenset())
    return found if isinstance(found, frozenset) else frozenset()


def _with(want: R, **fields: Any) -> R:
    return replace(want, **fields)
