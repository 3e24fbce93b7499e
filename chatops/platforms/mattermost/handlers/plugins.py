"""Plugins: which are installed, and how one gets there.

Endpoints and refusals: server/channels/api4/plugin.go (mattermost/mattermost 11.2), tried on one.
"""

from collections.abc import Mapping
from pathlib import Path

from chatops.errors import ApiError
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.entries import Config, read_key
from chatops.platforms.mattermost.meetings import JITSI, JITSI_BUNDLE

__all__ = ["Plugins"]

_BUNDLES = {JITSI: JITSI_BUNDLE}
_OFFLINE = "api.plugin.install.download_failed.app_error"
_THERE = "app.plugin.install_id.app_error"
"""It was installed by somebody else meanwhile."""


class Plugins:
    """What a server has. `given`: a file of ours, or another address, for a plugin's bundle."""

    def __init__(self, client: Client, given: Mapping[str, str]) -> None:
        self._client = client
        self._given = given

    def installed(self, plugin: str) -> bool:
        """Whether it is there, running or not. A server without plugins has none."""
        try:
            told = self._client.get("/plugins")
        except ApiError as error:
            if error.status == 501:
                return False
            raise
        return any(p["id"] == plugin for p in (*told["active"], *told["inactive"]))

    def obstacle(self, plugin: str, config: Config) -> str:
        """Why it cannot be installed over the API, and what then; empty where it can be."""

        def on(key: str, default: bool) -> bool:
            return bool(read_key(config, f"PluginSettings.{key}", default))

        if not on("Enable", True):
            return (
                "plugins are off on this server; set MM_PLUGINSETTINGS_ENABLE=true where it runs "
                "and start it again"
            )
        if on("RequirePluginSignature", False) or not on("EnableUploads", False):
            return (
                f"the plugin `{plugin}` is not installed, and this server takes none over its API; "
                "set MM_PLUGINSETTINGS_ENABLEUPLOADS=true where it runs (and "
                "MM_PLUGINSETTINGS_REQUIREPLUGINSIGNATURE=false), or install it by hand"
            )
        return ""

    def ensure(self, plugin: str) -> None:
        """Have it installed. What it is to do is written afterwards. Raises ApiError."""
        if self.installed(plugin):
            return
        source = self._given.get(plugin) or _BUNDLES[plugin]
        try:
            if "://" in source:
                self._client.post(
                    "/plugins/install_from_url",
                    params={"plugin_download_url": source, "force": "false"},
                )
            else:
                file = Path(source)
                self._client.form("/plugins", {}, {"plugin": (file.name, file.read_bytes())})
        except ApiError as error:
            if error.code == _THERE:
                return
            if error.code == _OFFLINE:
                raise ApiError(
                    f"the server cannot fetch the plugin `{plugin}` from {source}",
                    status=error.status,
                    code=error.code,
                    call=error.call,
                    hint="let it reach that address, or give the file in environment.yaml: "
                    f"plugins: {{{plugin}: ./{plugin}.tar.gz}}",
                ) from error
            raise
