"""Mattermost, spoken to over its REST API v4: 11.x and 10.11, and older ones as far as they go."""

from chatops.platforms.base import AdminSeed, Facts, Network, Release, Server, Target
from chatops.platforms.mattermost import facts as _facts
from chatops.platforms.mattermost import server as _server

__all__ = ["PLATFORM", "Mattermost"]


class Mattermost:
    """The product, usable with no server at hand."""

    name = "mattermost"
    default_edition = "team"
    default_version = "11.7"
    # channels/api4/websocket.go of mattermost/mattermost 11.6
    token_needs_user = False
    websocket = "/api/v4/websocket"
    versions: tuple[str, ...] = ("10.11", "11.7")

    def facts(self, release: Release) -> Facts:
        """What this release can hold and would refuse."""
        return _facts.facts(release)

    def answers(self, url: str, network: Network) -> bool:
        """Whether what answers there is a Mattermost."""
        return _server.answers(url, network)

    def is_empty(self, url: str, network: Network) -> bool:
        """Whether nobody has an account on it yet."""
        return _server.is_empty(url, network)

    def bootstrap(self, url: str, admin: AdminSeed, network: Network) -> None:
        """Make the first account, which becomes administrator, and close the door behind it."""
        _server.bootstrap(url, admin, network)

    def connect(self, target: Target) -> Server:
        """Sign in and learn the release."""
        return _server.connect(target)


PLATFORM = Mattermost()
