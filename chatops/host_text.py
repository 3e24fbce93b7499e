"""What Ansible changes on hosts, in words and as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from chatops.deploy.steps import HostChange, RunResult
from chatops.spec.text import printable

__all__ = ["changes_json", "changes_markdown", "changes_text", "roles_json", "roles_text"]


def changes_text(changes: Sequence[HostChange], *, diffs: bool) -> str:
    """What would change, host by host; with the differences where they are wanted."""
    if not changes:
        return "hosts: no changes"
    lines = []
    for host, of_host in groupby(sorted(changes, key=lambda c: c.host), lambda c: c.host):
        lines.append(f"host {printable(host)}")
        for change in of_host:
            what = f": {printable(change.what)}" if change.what else ""
            lines.append(f"  ~ {change.role}  {printable(change.task)}{what}")
            lines += [f"      {printable(line)}" for line in change.diff if diffs]
    count = len(changes)
    hosts = len({c.host for c in changes})
    noun = "1 thing" if count == 1 else f"{count} things"
    lines.append(f"Hosts: {noun} to change on {hosts} host{'s'[: hosts != 1]}")
    return "\n".join(lines)


def changes_markdown(changes: Sequence[HostChange]) -> str:
    """The same for a comment; nothing where there is nothing to say."""
    if not changes:
        return ""
    return f"\n\n```text\n{changes_text(changes, diffs=False)}\n```\n"


def changes_json(changes: Iterable[HostChange]) -> list[dict[str, Any]]:
    """The same as data."""
    return [
        {"host": c.host, "role": c.role, "task": c.task, "what": c.what, "diff": list(c.diff)}
        for c in changes
    ]


def roles_text(*results: RunResult) -> str:
    """How much each role changed, such as `12 changed (base 5, docker 7)`."""
    counts = _counts(results)
    total = sum(counts.values())
    if not total:
        return "nothing to change"
    listed = ", ".join(f"{role} {n}" for role, n in counts.items() if n)
    return f"{total} changed ({listed})"


def roles_json(*results: RunResult) -> dict[str, dict[str, int]]:
    """Tasks that did their work, and that changed something, by role."""
    roles = dict.fromkeys(role for result in results for role in result.roles)
    return {
        role or "-": {
            "ok": sum(r.roles[role].ok for r in results if role in r.roles),
            "changed": sum(r.roles[role].changed for r in results if role in r.roles),
        }
        for role in roles
    }


def _counts(results: Iterable[RunResult]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for result in results:
        for role, tally in result.roles.items():
            counts[role or "-"] += tally.changed
    return counts
