"""The server's settings, read from one document and written key by key."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from chatops.errors import ApiError, ServerError
from chatops.platforms.base import Change, Removal, Result, Run, Scope
from chatops.platforms.mattermost.client import Client
from chatops.platforms.mattermost.entries import MASK, Entry, read_key, revealed
from chatops.platforms.mattermost.handlers.config import Configuration
from chatops.platforms.mattermost.handlers.plugins import Plugins
from chatops.platforms.mattermost.settings import SETTINGS, Config
from chatops.resources import Ids, Live, Setting

__all__ = ["SettingsHandler"]

_ABSENT = object()


class SettingsHandler:
    """What the spec calls a setting, in the server's configuration."""

    removal = Removal.NONE

    def __init__(
        self, client: Client, configuration: Configuration, plugins: Plugins | None = None
    ) -> None:
        self._client = client
        self._configuration = configuration
        self._plugins = plugins or Plugins(client, {})
        self._queueing = threading.Lock()
        self._queue: list[_Write] = []

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Setting]]:
        """What is there: two calls, however many settings; one more for each plugin's."""
        wanted = None if scope is None else {key.name for key in scope}
        entries = [e for name, e in SETTINGS.items() if wanted is None or name in wanted]
        if not entries:
            return []
        calls: tuple[Callable[[], Any], ...] = (
            self._configuration.read,
            partial(self._client.get, "/config/environment"),
        )
        config, locks = self._client.each(lambda call: call(), calls)
        lacking = [
            name
            for name in sorted({entry.plugin for entry in entries} - {""})
            if not self._plugins.installed(name)
        ]
        return [self._live(entry, config, locks, entry.plugin in lacking) for entry in entries]

    def _live(self, entry: Entry, config: Config, locks: Config, lacking: bool) -> Live[Setting]:
        value, locked = entry.decode(config), _locked(entry, locks)
        if lacking:
            # It may be switched on without being there; and what was set for it once is hidden,
            # and in force again as soon as it is back. So nothing is known, and all is written.
            value = False if isinstance(value, bool) else ""
            obstacle = self._plugins.obstacle(entry.plugin, config)
            locked = locked or ({"value": obstacle} if obstacle else {})
        return Live(resource=Setting(name=entry.name, value=value), id=entry.keys[0], locked=locked)

    def create(self, want: Setting, run: Run) -> Result:
        """Every setting exists; to make one is to write it."""
        return self._write(want)

    def update(self, change: Change[Setting], run: Run) -> Result:
        """Write it, and look whether it took: what is locked is ignored with a 200."""
        assert change.want is not None
        return self._write(change.want)

    def remove(self, have: Live[Setting], run: Run) -> Result:
        """A setting stays as it is."""
        return Result(id=have.id)

    def _write(self, want: Setting) -> Result:
        """Write with all that others have queued meanwhile: a save takes a tenth of a second."""
        entry = SETTINGS[want.name]
        if entry.file:
            return self._send(entry, want.value)
        keys = entry.encode(want.value)
        if entry.of_site is not None and want.value:
            keys |= entry.of_site(self._site())
        write = _Write(entry, keys)
        with self._queueing:
            self._queue.append(write)
        with self._configuration.turn:
            if not write.done:
                with self._queueing:
                    batch, self._queue = self._queue, []
                self._save(batch)
        if write.error is not None:
            raise write.error
        return Result(id=write.entry.keys[0])

    def _site(self) -> str:
        """The address at which people reach the server."""
        told = read_key(self._configuration.latest(), "ServiceSettings.SiteURL")
        return str(told or self._client.url).rstrip("/")

    def _send(self, entry: Entry, value: Any) -> Result:
        """A file: the server keeps it, and says in its settings that it has one."""
        files = {"certificate": ("certificate.pem", revealed(value).encode())}
        with self._configuration.turn:
            self._client.form(entry.file, {}, files, repeatable=True)
            self._configuration.read()
        return Result(id=entry.keys[0])

    def _save(self, batch: Sequence["_Write"]) -> None:
        keys = {key: value for write in batch for key, value in write.keys.items()}
        try:
            for plugin in sorted({w.entry.plugin for w in batch if w.wanted} - {""}):
                self._plugins.ensure(plugin)
            config = self._configuration.write(keys)
            for write in batch:
                refused = [
                    key for key, value in write.keys.items() if not _took(config, key, value)
                ]
                write.error = self._ignored(refused) if refused else None
        except ServerError as error:
            if len(batch) > 1 and isinstance(error, ApiError):
                # One bad value refuses the whole patch, and the answer does not say which.
                for write in batch:
                    self._save([write])
            else:
                for write in batch:
                    write.error = error
        finally:
            for write in batch:
                write.done = True

    def _ignored(self, refused: Sequence[str]) -> ApiError:
        locks = self._client.get("/config/environment")
        locked = [_variable(held) for key in refused if (held := _lock(locks, key))]
        return ApiError(
            f"the server answered yes and kept its own value of {', '.join(refused)}",
            status=200,
            code="",
            call="PUT /config/patch",
            hint=f"its environment sets {', '.join(locked)}; change it where the server runs"
            if locked
            else "it does not take this value",
        )


class _Write:
    """One setting on its way."""

    def __init__(self, entry: Entry, keys: Mapping[str, Any]) -> None:
        self.entry = entry
        self.wanted = any(keys.values())
        self.keys = keys
        self.done = False
        self.error: ServerError | None = ServerError(f"{entry.name} was not written")


def _took(config: Mapping[str, Any], key: str, value: Any) -> bool:
    held = read_key(config, key, _ABSENT)
    # An old server leaves out what it does not have; a secret that is set is never shown.
    return held is _ABSENT or held == value or (held == MASK and bool(value))


def _locked(entry: Entry, locks: Mapping[str, Any]) -> Mapping[str, str]:
    held = [key for key in map(partial(_lock, locks), entry.keys) if key]
    if not held:
        return {}
    names = ", ".join(_variable(key) for key in held)
    return {"value": f"the server's environment sets it ({names})"}


def _lock(locks: Mapping[str, Any], key: str) -> str:
    """What of a key the environment sets: itself, or the whole map it is in."""
    names = key.split(".")
    for length in range(2, len(names) + 1):
        if read_key(locks, above := ".".join(names[:length]), False) is True:
            return above
    return ""


def _variable(key: str) -> str:
    """The environment variable behind a key: `MM_TEAMSETTINGS_SITENAME`."""
    return "MM_" + key.replace(".", "_").upper()
