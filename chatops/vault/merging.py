"""Two versions of a vault put together: git cannot, as every writing changes the whole file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatops.vault.contents import Contents

__all__ = ["merge"]


def merge(base: Contents, ours: Contents, theirs: Contents) -> tuple[Contents, tuple[str, ...]]:
    """What both sides made of `base`, and the names that they made different things of.

    Of those our side is in what is returned.
    """
    clash: list[str] = []
    shared = _shelf(base.shared, ours.shared, theirs.shared, "", clash)
    environments: dict[str, Mapping[str, Any]] = {}
    for env in sorted({*ours.environments, *theirs.environments}):
        shelf = _shelf(
            base.environments.get(env, {}),
            ours.environments.get(env, {}),
            theirs.environments.get(env, {}),
            f"{env}: ",
            clash,
        )
        environments |= {env: shelf} if shelf else {}
    merged = replace(ours, shared=shared, environments=environments)
    if ours.fingerprint_key is None:
        merged = replace(merged, fingerprint_key=theirs.fingerprint_key, marks=theirs.marks)
    else:
        marks = {env: _marks(base, ours, theirs, env) for env in {*ours.marks, *theirs.marks}}
        merged = replace(merged, marks={env: known for env, known in marks.items() if known})
    return merged, tuple(clash)


def _marks(base: Contents, ours: Contents, theirs: Contents, env: str) -> dict[str, str]:
    """Where the two differ nobody knows what was written last: it is shown as changed, once."""
    if ours.fingerprint_key != theirs.fingerprint_key:
        other = theirs.marks.get(env, {})
        return {k: v for k, v in ours.marks.get(env, {}).items() if k not in other}
    differing: list[str] = []
    old, our, their = (x.marks.get(env, {}) for x in (base, ours, theirs))
    known = _shelf(old, our, their, "", differing)
    return {k: v for k, v in known.items() if k not in differing}


def _shelf(
    base: Mapping[str, Any],
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    where: str,
    clash: list[str],
) -> dict[str, Any]:
    merged = {}
    for name in sorted({*ours, *theirs}):
        old, our, their = base.get(name), ours.get(name), theirs.get(name)
        if our == their or their == old:
            kept = our
        elif our == old:
            kept = their
        else:
            kept = our
            clash.append(f"{where}{name}")
        if kept is not None:
            merged[name] = kept
    return merged
