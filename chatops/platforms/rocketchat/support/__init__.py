"""What Rocket.Chat can hold, by edition and version: one cell a feature, a module a topic.

Each cell says where it is known from. `RECORDED` is what a real server was seen to do; otherwise
a path in the vendor's public repository, or a page of its documentation.
"""

from collections.abc import Mapping

from chatops.platforms.base import Release, Support
from chatops.platforms.rocketchat.support.integrations import integrations
from chatops.platforms.rocketchat.support.live_chat import live_chat
from chatops.platforms.rocketchat.support.people import people
from chatops.platforms.rocketchat.support.places import places
from chatops.platforms.rocketchat.support.roles import roles
from chatops.platforms.rocketchat.support.settings import settings

__all__ = ["cells"]


def cells(release: Release) -> Mapping[str, Support]:
    """The support table of a release."""
    return {
        **people(release),
        **roles(release),
        **places(release),
        **settings(release),
        **integrations(release),
        **live_chat(release),
    }
