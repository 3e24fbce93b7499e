"""Settings of the server. Each write is one call, and wants the second factor each time."""

from collections.abc import Iterable, Mapping
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Change, Output, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client
from chatops.platforms.rocketchat.refusals import NO_REASON
from chatops.platforms.rocketchat.settings import TABLE, Unfit, Wire, decode, encode, shown
from chatops.platforms.rocketchat.settings.entries import Entry
from chatops.platforms.rocketchat.settings.live_chat import snippet
from chatops.platforms.rocketchat.site import site_url
from chatops.resources import UNKNOWN, Ids, Live, Setting, Unknown, Unset

__all__ = ["Settings"]


class Settings:
    """Reads all settings in one call, writes one by one."""

    removal = Removal.NONE
    shows_again = True

    def __init__(self, client: Client, factor_missing: str) -> None:
        self._client = client
        self._locked = {"value": factor_missing} if factor_missing else {}

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Setting]]:
        """What is set."""
        names = TABLE if scope is None else [k.name for k in scope if k.name in TABLE]
        if not names:
            return
        rows = self._client.every("settings", "settings")
        wire = shown({row["_id"]: row.get("value") for row in rows if "_id" in row})
        for name in names:
            ident = TABLE[name].ids[0]
            hidden = [part for part in TABLE[name].ids if part not in wire]
            hidden += [part for part in TABLE[name].beside if part not in wire]
            if hidden:
                reason = f"{hidden[0]} is hidden on this server (SETTINGS_HIDDEN), or not there"
                setting = Setting(name=name, value=UNKNOWN)
                yield Live(resource=setting, id=ident, locked={"value": reason})
            else:
                setting = Setting(name=name, value=decode(name, wire))
                yield Live(resource=setting, id=ident, locked=self._locked)

    def create(self, want: Setting, run: Run) -> Result:
        """Settings are there already: writing one is all there is to it."""
        self._write(want)
        return Result(id=TABLE[want.name].ids[0])

    def update(self, change: Change[Setting], run: Run) -> Result:
        """Write the value."""
        if change.want is not None and "value" in change.changed:
            self._write(change.want)
        return Result()

    def remove(self, have: Live[Setting], run: Run) -> Result:
        """A setting is never removed."""
        return Result()

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """What to paste into the website that shows the chat with customers. It is no secret."""
        if have.resource.name != "live_chat.enabled":
            return {}
        return {"snippet": Output(snippet(site_url(self._client)))}

    def _write(self, want: Setting) -> None:
        if want.name not in TABLE:
            raise ApiError(
                f"Rocket.Chat has no setting for {want.name}", status=0, code="no-such-setting"
            )
        if isinstance(want.value, Unset | Unknown):
            return
        entry = TABLE[want.name]
        try:
            wire = encode(want.name, want.value, self._beside(entry))
        except Unfit as error:
            raise ApiError(str(error), status=0, code="unfit-value") from error
        for ident, value in wire.items():
            try:
                self._send(ident, value)
            except ApiError as error:
                if error.code != NO_REASON:
                    raise
                if not entry.service:
                    raise _nobody_may(ident, error) from error
                self._found(entry.service)
                self._send(ident, value)

    def _beside(self, entry: Entry) -> Wire:
        """What an entry must know of other settings when it writes."""
        return {ident: self._client.get(f"settings/{ident}").get("value") for ident in entry.beside}

    def _send(self, ident: str, value: Any) -> None:
        self._client.post(f"settings/{ident}", {"value": value}, repeatable=True)

    def _found(self, service: str) -> None:
        """Make a sign-in service. It comes switched on, with nothing set: off with it first."""
        self._client.post("settings.addCustomOAuth", {"name": service}, repeatable=True)
        self._send(f"Accounts_OAuth_Custom-{service}", False)


def _nobody_may(ident: str, error: ApiError) -> ApiError:
    # Missing, hidden and blocked settings all get a bare `success: false`.
    return ApiError(
        f"the server lets nobody write its setting {ident}",
        status=error.status,
        code="setting-blocked",
        call=error.call,
        hint="see SETTINGS_BLOCKED and SETTINGS_HIDDEN in its environment",
    )
