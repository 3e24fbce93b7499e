"""Findings as workflow commands, by which GitHub Actions shows them at their lines.

GitHub Docs, "Workflow commands": `::error file=…,line=…,col=…,title=…::message`; in values `%`, CR
and LF are escaped, in properties also `:` and `,` (actions/toolkit, packages/core/src/command.ts).
"""

from collections.abc import Sequence
from typing import Final

from chatops.errors import Finding, Severity
from chatops.spec.text import printable

__all__ = ["annotations"]

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotations(findings: Sequence[Finding]) -> str:
    """One line for each finding."""
    return "\n".join(_line(finding) for finding in findings)


def _line(finding: Finding) -> str:
    message = f"{finding.path}: {finding.message}" if finding.path else finding.message
    if finding.hint:
        message += f"\nhint: {finding.hint}"
    values = {
        "file": finding.place.file,
        "line": str(finding.place.line),
        "col": str(finding.place.column),
        "title": f"chatops {finding.rule}",
    }
    properties = ",".join(f"{name}={_property(value)}" for name, value in values.items())
    shown = "\n".join(map(printable, message.split("\n")))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_escaped(shown)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
