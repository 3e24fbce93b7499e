"""Which things are to take another name: pure, from the file and what is there."""

from collections.abc import Mapping
from typing import Any

from chatops.core.desired import Desired
from chatops.platforms.base import Facts
from chatops.resources import Key, Kind, Live

__all__ = ["elsewhere", "renames"]


def elsewhere(desired: Desired, live: Mapping[Key, Live[Any]]) -> Mapping[Key, Key]:
    """Channels whose old name is that of a channel in another team, which is not in the file.

    New key → that channel. It is another one: a channel does not move between teams.
    """
    wanted = {r.key.folded for r in desired.resources}
    spare: dict[str, list[Key]] = {}
    for folded, there in live.items():
        if folded.kind is Kind.CHANNEL and folded not in wanted and not there.archived:
            spare.setdefault(folded.name.partition("/")[2], []).append(there.key)
    found = {}
    for new, old in desired.renames.items():
        if new.kind is Kind.CHANNEL and not {new.folded, old.folded} & live.keys():
            like_it = sorted(spare.get(old.folded.name.partition("/")[2], ()))
            if like_it:
                found[new] = like_it[0]
    return found


def renames(
    desired: Desired, facts: Facts, live: Mapping[Key, Live[Any]]
) -> tuple[dict[Key, Key], list[str]]:
    """Which renames are still to be made (new key → live old key), and which are impossible.

    Both names live: a stranger took one, and nobody but a person can say which is which. Neither
    live: there is nothing to rename, the thing is created.
    """
    wanted = {r.key.folded for r in desired.resources}
    targets = {old.folded: new for new, old in desired.renames.items()}

    def leaves(key: Key) -> bool:
        """Whether the thing that has this name now is itself about to take another."""
        seen: set[Key] = set()
        while key.folded in targets and key.folded not in seen:
            seen.add(key.folded)
            key = targets[key.folded]
            if key.folded not in live:
                return True
        return False

    todo: dict[Key, Key] = {}
    wrong: list[str] = []
    for new, old in desired.renames.items():
        if old.folded not in live:
            continue
        if not facts.cell(f"{new.kind}.rename").held:
            if new.folded not in live and not live[old.folded].archived:
                wrong.append(
                    f"{old} keeps its name on this platform, so {new.name} would be a second one: "
                    f"write `name: {old.name}`, or take `renamed_from` out for a new one beside it"
                )
            continue
        if live[old.folded].protected:
            wrong.append(f"{old} was made by the server itself and keeps its name")
            continue
        if new.folded not in live or leaves(new):
            todo[new] = old
        elif old.folded not in wanted:
            wrong.append(
                f"{new} is renamed from {old.name}, but both are on the server: archive or "
                "rename one by hand, or take `renamed_from` out"
            )
    return todo, wrong
