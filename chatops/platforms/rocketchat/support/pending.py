"""What waits for its handler: a name is taken out when the handler lands."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Support

__all__ = ["PENDING"]

_PENDING = Support(Can.NO, "chatops does not manage this on Rocket.Chat yet; it is left as it is")
PENDING: Mapping[str, Support] = dict.fromkeys(
    (
        "setting.live_chat",
    ),
    _PENDING,
)
"""What waits for its handler."""
