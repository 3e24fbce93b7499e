"""The rate limiter, as far as the settings switch it on when the server starts."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chatops.sandbox.store import Doc


@dataclass(frozen=True)
class Verdict:
    """Whether a call may pass, and what its answer tells about the allowance."""

    refusal: Response | None
    headers: Mapping[str, str] = field(default_factory=dict)


class Limiter:
    """GCRA, as the library behind server/channels/app/ratelimit.go: a rate and a burst per key."""

    def __init__(self, per_second: int, burst: int, header: str, by_user: bool) -> None:
        self._gap = 1 / per_second
        self._limit = burst + 1
        self._header = header
        self._by_user = by_user
        self._due: dict[str, float] = {}

    @classmethod
    def of(cls, settings: Doc) -> "Limiter | None":
        """The limiter that these settings ask for, if they do."""
        if not settings["Enable"]:
            return None
        return cls(
            settings["PerSec"],
            settings["MaxBurst"],
            settings["VaryByHeader"],
            settings["VaryByUser"],
        )

    def judge(self, request: Request) -> Verdict:
        """Count one call."""
        now = time.monotonic()
        key = self._key(request)
        due = max(self._due.get(key, now), now)
        ahead = due + self._gap - now
        most = self._gap * self._limit
        if ahead > most + 1e-9:
            wait = math.ceil(ahead - most)
            reset = math.ceil(due - now)
            return Verdict(self.refuse(self._limit, reset, wait))
        self._due[key] = due + self._gap
        return Verdict(None, _headers(self._limit, int((most - ahead) / self._gap), ahead))

    @staticmethod
    def refuse(limit: int, reset: float, retry_after: int) -> Response:
        """The 429: plain text, seconds from now in every header."""
        headers = {**_headers(limit, 0, reset), "Retry-After": str(retry_after)}
        return PlainTextResponse("limit exceeded\n", 429, headers)

    def _key(self, request: Request) -> str:
        key = request.client.host if request.client else ""
        if self._by_user:
            key = request.headers.get("authorization", "") or key
        return key + (request.headers.get(self._header, "") if self._header else "")


def _headers(limit: int, remaining: int, reset: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(math.ceil(reset)),
    }
