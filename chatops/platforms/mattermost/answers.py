"""What an answer of the server means, told by its error id alone."""

import json
from typing import Any, TypeAlias

from chatops.errors import AmbiguousError, ApiError, ServerError
from chatops.platforms.base import Problem
from chatops.platforms.mattermost.refusals import ALREADY, SWITCHED_OFF, TAKEN

__all__ = ["Row", "done_already", "parse_lines", "problem_of", "switched_off", "taken"]

Row: TypeAlias = dict[str, Any]


def parse_lines(text: str) -> list[Row]:
    """The objects of a text with one of them a line."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def done_already(error: ApiError) -> bool:
    """Whether a refusal says only that things are as we wanted them."""
    return error.code in ALREADY


def switched_off(error: ApiError) -> bool:
    """Whether a refusal says that a whole kind of thing is switched off on the server."""
    return error.code in SWITCHED_OFF


def taken(error: ApiError) -> bool:
    """Whether a refusal says that something has this name already."""
    return error.code in TAKEN


def problem_of(error: ServerError) -> Problem:
    """A failure as a part of a result."""
    cause = error.__cause__ if isinstance(error, AmbiguousError) else error
    if isinstance(cause, ApiError):
        return Problem(cause.message, cause.code, cause.hint)
    return Problem(error.message, "", error.hint)
