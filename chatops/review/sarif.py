"""Findings as SARIF 2.1.0, by which GitHub and editors show them at their lines.

OASIS, Static Analysis Results Interchange Format 2.1.0; what GitHub takes of it is in its page
"SARIF support for code scanning": relative URIs from the root of the repository, and a fingerprint
by which a finding is known again when lines move.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from chatops import __version__
from chatops.core.checks import RULES
from chatops.errors import Finding, Severity

__all__ = ["sarif"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(findings: Sequence[Finding], folder: Path) -> dict[str, Any]:
    """The findings as a SARIF log. `folder` is where relative names of files start."""
    root = _repository(folder)
    rules = sorted({f.rule for f in findings})
    seen: dict[str, int] = {}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "chatops",
                        "version": __version__,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(f, rules, folder, root, seen) for f in findings],
            }
        ],
    }


def _rule(rule: str) -> dict[str, Any]:
    demand = RULES.get(rule, rule)
    return {
        "id": rule,
        "shortDescription": {"text": demand},
        "help": {"text": demand},
    }


def _result(
    finding: Finding, rules: list[str], folder: Path, root: Path, seen: dict[str, int]
) -> dict[str, Any]:
    uri = _uri(finding.place.file, folder, root)
    text = f"{finding.path}: {finding.message}" if finding.path else finding.message
    mark = f"{finding.rule}\0{uri}\0{finding.path}\0{finding.message}"
    seen[mark] = seen.get(mark, 0) + 1
    print_of = hashlib.sha256(f"{mark}\0{seen[mark]}".encode()).hexdigest()[:32]
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{text}\nhint: {finding.hint}" if finding.hint else text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {
                        "startLine": finding.place.line,
                        "startColumn": finding.place.column,
                    },
                }
            }
        ],
        "partialFingerprints": {"chatops/v1": print_of},
    }


def _uri(file: str, folder: Path, root: Path) -> str:
    """The file from the root of the repository; a file:// address for one outside."""
    path = Path(os.path.normpath(folder / file))
    if path.is_relative_to(root):
        return quote(path.relative_to(root).as_posix())
    return path.as_uri()


def _repository(folder: Path) -> Path:
    """The root of the repository around a folder; the folder itself where there is none."""
    for place in (folder, *folder.parents):
        if (place / ".git").exists():
            return place
    return folder
