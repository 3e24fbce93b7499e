"""Every platform there is: one explicit table, and whatever is installed beside it."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import cast

from chatops.platforms.base import Platform
from chatops.platforms.understanding import Understanding

__all__ = ["platforms"]


@cache
def platforms() -> Mapping[str, Platform]:
    """Name → platform. Others join by the entry point group `chatops.platforms`."""
    from chatops.platforms.mattermost import PLATFORM as mattermost
    from chatops.platforms.rocketchat import PLATFORM as rocketchat

    found: dict[str, Platform] = {p.name: Understanding(p) for p in (mattermost, rocketchat)}
    for point in entry_points(group="chatops.platforms"):
        platform = cast("Platform", point.load())
        found.setdefault(platform.name, Understanding(platform))
    return found
