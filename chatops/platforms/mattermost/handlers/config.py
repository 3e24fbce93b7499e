"""The server's configuration: one document, read whole, written key by key."""

import copy
import threading
from collections.abc import Mapping
from typing import Any

from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.entries import spelled

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
        """Write `Section.Key` → value. What is locked stays as it is, and the answer shows it.

        A key inside a map (`PluginSettings.Plugins.jitsi.jitsiurl`) takes the whole map along, as
        it stands at this moment: the rest of it would be lost otherwise (tried on 11.2). Masked
        secrets go back as masks, which the server understands. What it does not show cannot go
        along: the settings of plugins that are not installed any more.
        """
        with self.turn:
            inside = any(key.count(".") > 1 for key in keys)
            now = self.read() if inside else {}
            patch: dict[str, dict[str, Any]] = {}
            for key, value in keys.items():
                section, name, *below = key.split(".")
                part = patch.setdefault(section, {})
                if not below:
                    part[name] = value
                    continue
                if name not in part:
                    part[name] = copy.deepcopy(now.get(section, {}).get(name) or {})
                _put(part[name], below, value)
            config: Mapping[str, Any] = self._client.put("/config/patch", patch)
            self._latest = config
        return config


def _put(held: dict[str, Any], names: list[str], value: Any) -> None:
    """Set one key inside a map, under one spelling alone."""
    *above, last = names
    for name in above:
        held = held.setdefault(spelled(held, name), {})
    for twin in [n for n in held if n.casefold() == last.casefold()]:
        del held[twin]
    held[last] = value
