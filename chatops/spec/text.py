"""Findings as the lines that people read."""

from collections.abc import Sequence

from chatops.errors import Finding, Severity

__all__ = ["counted", "findings_text", "printable", "quoted"]


def findings_text(findings: Sequence[Finding]) -> str:
    """The findings in columns, in the order given, and the count as the last line."""
    places = [printable(str(f.place)) for f in findings]
    width = max(map(len, places), default=0)
    lines = []
    for place, finding in zip(places, findings, strict=True):
        what = f"{finding.path}: {finding.message}" if finding.path else finding.message
        lines.append(f"{place:{width}}  {finding.severity:7}  {printable(what)}")
        if finding.hint:
            lines.append(f"{'':{width}}  hint: {printable(finding.hint)}")
    lines.append(_count(findings))
    return "\n".join(lines) + "\n"


def _count(findings: Sequence[Finding]) -> str:
    parts = []
    for severity in Severity:
        number = sum(f.severity is severity for f in findings)
        if number:
            parts.append(counted(number, severity))
    return ", ".join(parts) or "nothing to remark"


def printable(text: str) -> str:
    """The text with everything that could move a terminal's cursor written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def counted(count: int, one: str, many: str = "") -> str:
    """How many, with its noun: `1 change`, `2 changes`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def quoted(text: str, most: int = 60) -> str:
    """A piece of the file inside a message: in back-ticks, not longer than a line."""
    return f"`{text if len(text) <= most else text[: most - 1] + '…'}`"
