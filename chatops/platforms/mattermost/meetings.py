"""Settings of the meetings: Mattermost has them through the plugin `jitsi` alone.

Keys and meaning: plugin.json, server/configuration.go and server/plugin.go of
mattermost-community/mattermost-plugin-jitsi 2.0 and 2.1. The server itself takes the plugin's keys
in any letter case, fills in the plugin's defaults, and its console writes small letters.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from chatops.platforms.mattermost.entries import Config, Entry, Keys, plain, read_key, shown

__all__ = ["JITSI", "JITSI_BUNDLE", "meetings"]

JITSI: Final = "jitsi"
JITSI_BUNDLE: Final = (
    "https://github.com/mattermost-community/mattermost-plugin-jitsi/releases/download/"
    "v2.1.0/jitsi-2.1.0.tar.gz"
)
"""Where the server fetches the plugin when nothing else is given."""
_PLUGIN: Final = f"PluginSettings.Plugins.{JITSI}"


def meetings() -> Iterator[Entry]:
    """Each of them."""
    entries = (
        plain("video.enabled", f"PluginSettings.PluginStates.{JITSI}.Enable", False),
        plain("video.url", f"{_PLUGIN}.jitsiurl"),
        Entry(
            name="video.auth",
            keys=(f"{_PLUGIN}.jitsijwt",),
            decode=_auth,
            encode=_auth_keys,
        ),
        plain("video.app_id", f"{_PLUGIN}.jitsiappid"),
        # The plugin's schema does not mark it as secret: the server shows it to administrators.
        shown("video.secret", f"{_PLUGIN}.jitsiappsecret"),
    )
    for entry in entries:
        yield replace(entry, plugin=JITSI)


def _auth(config: Config) -> str:
    return "token" if read_key(config, f"{_PLUGIN}.jitsijwt", False) is True else "open"


def _auth_keys(value: Any) -> Keys:
    return {f"{_PLUGIN}.jitsijwt": value == "token"}
