"""The server's configuration: one document, read whole, written key by key."""

import threading
from collections.abc import Mapping
from typing import Any

from chatops.platforms.mattermost.client import Client

__all__ = ["Configuration"]


class Configuration:
    """`PUT /config/patch` with only the keys that change: maps and lists are replaced whole.

    The server reads, merges and saves its configuration without a lock: of two patches at the
    same time one is lost. `turn` is held while one is made, and while something is read that
    decides what is written.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.turn = threading.RLock()
        self._latest: Mapping[str, Any] | None = None

    def read(self) -> Mapping[str, Any]:
        """All that this account may see of it."""
        config: Mapping[str, Any] = self._client.get("/config")
        self._latest = config
        return config

    def latest(self) -> Mapping[str, Any]:
        """What was last read or written here: enough to look at, not to write upon."""
        return self.read() if self._latest is None else self._latest

    def write(self, keys: Mapping[str, Any]) -> Mapping[str, Any]:
        """Write `Section.Key` → value. What is locked stays as it is, and the answer shows it."""
        patch: dict[str, dict[str, Any]] = {}
        for key, value in keys.items():
            section, _, name = key.partition(".")
            patch.setdefault(section, {})[name] = value
        with self.turn:
            config: Mapping[str, Any] = self._client.put("/config/patch", patch)
            self._latest = config
        return config
