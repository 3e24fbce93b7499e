"""The channels that whoever joins a team comes into: one list of names, for all teams.

`TeamSettings.ExperimentalDefaultChannels` (channels/app/channel.go): while it is empty it means
off-topic; town-square is always one. Only public channels are joined. Every team that is made later
gets a channel for each name (channels/app/teams/teams.go).
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from chatops.errors import ApiError
from chatops.platforms.mattermost.handlers.config import Configuration
from chatops.platforms.mattermost.settings import read_key

__all__ = ["DefaultChannels"]

KEY: Final = "TeamSettings.ExperimentalDefaultChannels"
ALWAYS: Final = "town-square"
UNLESS_SAID: Final = "off-topic"


class DefaultChannels:
    """The list, whose only owner this is."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def read(self) -> frozenset[str] | None:
        """The names; None where the account may not see them."""
        try:
            return _names(self._configuration.latest())
        except ApiError as error:
            if error.status == 403:
                return None
            raise

    def change(self, *, add: Collection[str] = (), drop: Collection[str] = ()) -> None:
        """Put names on the list and take others off."""
        with self._configuration.turn:
            before = self._configuration.read()
            listed = _listed(before)
            wanted = [n for n in listed if n not in drop]
            wanted += [n for n in add if n not in wanted and n != ALWAYS]
            if wanted == listed:
                return
            # An empty list would mean off-topic again.
            value = [] if wanted == [UNLESS_SAID] else wanted or [ALWAYS]
            after = self._configuration.write({KEY: value})
        if _listed(after) != wanted:
            raise ApiError(
                "the server answered yes and kept its own list of default channels",
                status=200,
                code="",
                call="PUT /config/patch",
                hint="does its environment set MM_TEAMSETTINGS_EXPERIMENTALDEFAULTCHANNELS?",
            )


def _listed(config: Mapping[str, Any]) -> list[str]:
    """The names besides the one that is always there."""
    listed = list(read_key(config, KEY, [])) or [UNLESS_SAID]
    return [name for name in listed if name != ALWAYS]


def _names(config: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({ALWAYS, *_listed(config)})
