"""The rate limiter: so many calls to an endpoint in so much time, for each who calls."""

import math
import time
from dataclasses import dataclass

from chatops.sandbox.rocketchat.refusals import too_many
from chatops.sandbox.rocketchat.settings_table import SettingsTable

LIMIT = "API_Enable_Rate_Limiter_Limit_Calls_Default"
SPAN = "API_Enable_Rate_Limiter_Limit_Time_Default"
# Endpoints with a limit of their own, and the setting that holds it.
SPECIAL = {"POST users.register": "Rate_Limiter_Limit_RegisterUser"}


@dataclass
class _Bucket:
    began: float
    taken: int = 0


class Limiter:
    """Buckets by endpoint and caller, in memory. It sleeps in the first run of an empty server."""

    def __init__(self, settings: SettingsTable, awake: bool) -> None:
        self.awake = awake
        self._settings = settings
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, endpoint: str, caller: str, headers: dict[str, str]) -> None:
        """Count a call and tell in the headers what is left; refuse one too many."""
        limit = self._settings.number(SPECIAL.get(endpoint, LIMIT))
        span = self._settings.number(SPAN) / 1000
        now = time.monotonic()
        bucket = self._buckets.get((endpoint, caller))
        if bucket is None or now - bucket.began >= span:
            bucket = self._buckets[endpoint, caller] = _Bucket(now)
        bucket.taken += 1
        wait = bucket.began + span - now
        headers["X-RateLimit-Limit"] = str(limit)
        headers["X-RateLimit-Remaining"] = str(max(limit - bucket.taken, 0))
        headers["X-RateLimit-Reset"] = str(int((time.time() + wait) * 1000))
        if bucket.taken > limit:
            raise too_many(math.ceil(wait))
