"""What Mattermost can hold, by edition and version: one cell a feature, a module a topic.

Each cell says where it is known from. `RECORDED` is what a real server was seen to do; otherwise
a path in the vendor's public repository, or a page of its documentation.
"""

from collections.abc import Mapping
from typing import Any

from chatops.platforms.base import Release, Support
from chatops.platforms.mattermost.support.integrations import integrations
from chatops.platforms.mattermost.support.people import people
from chatops.platforms.mattermost.support.places import places
from chatops.platforms.mattermost.support.settings import settings

__all__ = ["ANYWAY", "cells"]

ANYWAY: Mapping[str, Any] = {"channel.posting": "everyone", "setting.storage.message_retention": 0}
"""What is so where the feature is lacking."""


def cells(release: Release) -> Mapping[str, Support]:
    """The support table of a release."""
    return {
        **people(release),
        **places(release),
        **integrations(),
        **settings(release),
    }
