"""What a check says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "Outcome", "State", "carry_out", "worst"]


class State(StrEnum):
    """How it stands. `UNKNOWN`: it could not be looked at, which is no verdict."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One thing that was looked at. `hint` says what to do, for all but OK."""

    check: str
    state: State
    message: str
    hint: str = ""
    host: str = ""


@dataclass(frozen=True)
class Check:
    """Something to look at, by a name that people see."""

    name: str
    run: Callable[[], Iterable[Outcome]]


def carry_out(checks: Iterable[Check], told: Callable[[str], None]) -> tuple[Outcome, ...]:
    """Look at everything. A check that breaks is itself an outcome, and the others go on."""
    found: list[Outcome] = []
    for check in checks:
        told(check.name)
        try:
            found += check.run()
        except Exception as error:  # one broken look must not hide what the others see
            found.append(
                Outcome(
                    check=check.name,
                    state=State.UNKNOWN,
                    message=f"could not be looked at: {type(error).__name__}: {error}",
                    hint="run again with --debug and report it with the log",
                )
            )
    return tuple(found)


def worst(outcomes: Iterable[Outcome]) -> State:
    """The verdict over all of them; what is unknown is no verdict."""
    states = {o.state for o in outcomes}
    for state in (State.BAD, State.WARNING, State.UNKNOWN):
        if state in states:
            return state
    return State.OK
