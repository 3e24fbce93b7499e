"""What must not be written is taken out of a draft, and told: pure.

A key that is left out is not managed, so the server keeps what it has.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from chatops.errors import ChatopsError
from chatops.importers.draft import IGNORED_NAME, NO_NAME, Data, Draft, in_order
from chatops.spec.keys import identity, pattern
from chatops.spec.language import every_key
from chatops.spec.nodes import Path
from chatops.spec.text import printable

__all__ = ["Judge", "Wrong", "leave_out", "made_sound", "value_at"]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """Something in a draft that must not be written. An empty place is no key of it.

    `follows`: it names what was left out before, and that was told then.
    """

    place: Path
    why: str
    follows: bool = False


Judge: TypeAlias = Callable[[Draft], Sequence[Wrong]]

_NAMES: Final = frozenset({"members", "leads", "agents", "channels", "teams", "may", "may_not"})
"""Lists that take nothing away: without one of its names the others still mean the same.

Of all other lists a part would undo the rest on the server, so they are left out whole.
"""
_COMPANY: Final[Path] = ("company", "name")
_MEANT: Final = frozenset({"leads", "live_chat"})
"""Keys that say something even when there is nothing behind them."""


def made_sound(draft: Draft, judges: Sequence[Judge]) -> Draft:
    """The draft without what any judge finds wrong; each judges what those before let pass.

    Raises ChatopsError where something is wrong that cannot be left out.
    """
    while True:
        # Ends: every round takes something out, and there is only so much.
        found = next((wrong for judge in judges if (wrong := judge(draft))), ())
        if not found:
            return draft
        smaller = leave_out(draft, found)
        if smaller.tree == draft.tree:
            first = found[0]
            where = f"{_told(draft.tree, first.place)}: " if first.place else ""
            raise ChatopsError(
                "nothing is written: what was read makes no sound company file: "
                f"{where}{printable(first.why)}",
                hint="change it on the server, then import again",
            )
        draft = smaller


def leave_out(draft: Draft, found: Iterable[Wrong]) -> Draft:
    """The draft without those keys, or without the things that cannot be without them."""
    before = draft.tree
    told: list[str] = []
    targets: dict[Path, None] = {}
    for wrong in found:
        target = _target(before, wrong.place)
        if target is None or target in targets:
            continue
        targets[target] = None
        if not (wrong.follows and _is_name(target)):
            told.append(f"{_told(before, wrong.place)}: {wrong.why}")
    tree = copy.deepcopy(before)
    # From the back, so that the numbers of what stands before stay right.
    for target in sorted(targets, key=_backwards, reverse=True):
        if target == _COMPANY:
            _unnamed(tree)
        elif not any(target[:end] in targets for end in range(len(target))):
            _take_out(tree, target)
    people = tree.pop("users", [])
    emoji = tree.get("integrations", {}).get("emoji", [])
    return replace(
        draft,
        data=in_order({**tree, "users": draft.data["users"]}),
        people=people,
        pictures={x["file"]: draft.pictures[x["file"]] for x in emoji},
        left_out=[*draft.left_out, *told],
    )


def value_at(tree: Any, place: Path) -> Any:
    """What stands at the place. Raises LookupError where the draft has no such key."""
    for part in place:
        inside = isinstance(tree, list if isinstance(part, int) else dict)
        if not inside:
            raise LookupError(part)
        tree = tree[part]
    return tree


def _target(tree: Data, place: Path) -> Path | None:
    """What is to be taken out; None where the file cannot be without it."""
    place = _there(tree, place)
    while place:
        if isinstance(place[-1], int):
            if isinstance(value_at(tree, place), dict) or _is_name(place):
                return place
        elif place == _COMPANY:
            return place
        else:
            # What the language does not list is a part of a value, as a day of the hours.
            key = every_key().get(pattern(place))
            if key is not None and not key.required:
                return place
        place = place[:-1]
    return None


def _there(tree: Data, place: Path) -> Path:
    """The place, or what is nearest around it: of a missing key, the block that lacks it."""
    for end in range(len(place), 0, -1):
        try:
            value_at(tree, place[:end])
        except LookupError:
            continue
        return place[:end]
    return ()


def _is_name(place: Path) -> bool:
    """Whether it is one of the names in a list of names."""
    return len(place) > 1 and isinstance(place[-1], int) and place[-2] in _NAMES


def _take_out(tree: Data, target: Path) -> None:
    holder = value_at(tree, target[:-1])
    del holder[target[-1]]
    while len(target) > 1 and not holder:
        target = target[:-1]
        holder = value_at(tree, target[:-1])
        if target[-1] in _MEANT or isinstance(target[-1], int):
            return
        # An empty list would say that there shall be none.
        del holder[target[-1]]


def _unnamed(tree: Data) -> None:
    """A company has a name, whatever its server is called: that one is not touched."""
    tree["company"]["name"] = NO_NAME
    tree["ignore"] = [IGNORED_NAME]


def _told(tree: Data, place: Path) -> str:
    """The place with names instead of numbers: `teams[crew].channels[off].topic`."""
    words = ""
    for i, part in enumerate(place):
        if isinstance(part, str):
            words += f".{part}"
            continue
        try:
            item = value_at(tree, place[: i + 1])
        except LookupError:
            item = None
        key = identity(pattern(place[: i + 1]))
        name = item.get(key) if isinstance(item, dict) and key else None
        words += f"[{part if name is None else name}]"
    return printable(words.removeprefix("."))


def _backwards(place: Path) -> tuple[tuple[int, int | str], ...]:
    return tuple((1, p) if isinstance(p, int) else (0, p) for p in place)
