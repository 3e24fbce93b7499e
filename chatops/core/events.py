"""What a run tells while it runs, and what it was in the end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chatops.platforms.base import Change, Problem
from chatops.resources import Key

__all__ = ["Event", "Outcome", "Report"]


class Outcome(StrEnum):
    """How far a change came."""

    STARTED = "started"
    DONE = "done"
    PARTLY = "partly failed"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_STARTED = "not started"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One change, and how it went. `failed` names the parts of a batch that did not work."""

    change: Change[Any]
    outcome: Outcome
    seconds: float = 0.0
    problem: Problem | None = None
    failed: Mapping[str, Problem] = field(default_factory=dict)
    blocked_by: Key | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """The end of a run."""

    events: tuple[Event, ...]
    seconds: float
    interrupted: bool = False
    unchecked: str = ""
    """Why the result could not be read again; empty where it was."""

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many changes ended how."""
        return Counter(e.outcome for e in self.events)

    @property
    def ok(self) -> bool:
        """Whether everything was done."""
        return not self.unchecked and all(e.outcome is Outcome.DONE for e in self.events)
