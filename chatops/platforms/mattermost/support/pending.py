"""What waits for its handler."""

from collections.abc import Mapping

from chatops.platforms.base import Can, Support

__all__ = ["PENDING"]

_PENDING = Support(Can.NO, "chatops does not manage this on Mattermost yet; it is left as it is")
PENDING: Mapping[str, Support] = dict.fromkeys(
    (
        "pinned",
        "direct-message",
    ),
    _PENDING,
)
