"""The debug log: every call, on stderr, with each known secret taken out."""

import logging
import sys

from chatops.review.lines import clean
from chatops.secrets import redactor

__all__ = ["start_debug_log"]


class _Clean(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # What a server said begins no line of its own; a traceback has many.
        first, *more = redactor.clean(super().format(record)).split("\n")
        return "\n".join([clean(first), *(f"  | {clean(line)}" for line in more)])


def start_debug_log() -> None:
    """Let the loggers of chatops speak."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Clean("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log = logging.getLogger("chatops")
    log.setLevel(logging.DEBUG)
    log.handlers[:] = [handler]
    log.propagate = False
