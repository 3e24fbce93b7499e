"""Work for many people, of whom some may fail while the others go on."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Problem
from chatops.platforms.mattermost.answers import problem_of
from chatops.platforms.mattermost.client import Client

__all__ = ["NO_ACCOUNT", "batches", "merged", "missing", "one_by_one", "people_in"]

NO_ACCOUNT = Problem("no account of this name on the server", "", "people are made before teams")


def people_in(held: Any) -> frozenset[str]:
    """The people of a field; nobody where it is not said or not known."""
    return held if isinstance(held, frozenset) else frozenset()


def batches(names: Sequence[str], size: int) -> list[Sequence[str]]:
    """The names in portions of a size."""
    return [names[start : start + size] for start in range(0, len(names), size)]


def merged(parts: Iterable[dict[str, Problem]]) -> dict[str, Problem]:
    """Who failed in any portion."""
    return {name: problem for part in parts for name, problem in part.items()}


def one_by_one(
    client: Client, names: Sequence[str], work: Callable[[str], None], *, aside: bool = True
) -> dict[str, Problem]:
    """The work for each person; who failed, and why. Nobody's failure stops the others.

    Not `aside` when this is a worker's already: workers that wait for workers wait for ever.
    """

    def attempt(name: str) -> Problem | None:
        try:
            work(name)
        except ServerError as error:
            return problem_of(error)
        return None

    problems = client.each(attempt, names) if aside else [attempt(name) for name in names]
    return {
        name: problem for name, problem in zip(names, problems, strict=True) if problem is not None
    }


def missing(message: str) -> ApiError:
    """What is raised when the place of the people is not there."""
    return ApiError(message, status=404, code="", call="")
