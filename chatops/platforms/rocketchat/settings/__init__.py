"""The table: each neutral setting, and the settings of Rocket.Chat that hold it."""

from collections.abc import Iterator, Mapping
from typing import Final

from chatops.platforms.rocketchat.settings import general, live_chat, sign_in
from chatops.platforms.rocketchat.settings.entries import Entry, Unfit, Wire
from chatops.platforms.rocketchat.settings.general import LANGUAGES
from chatops.resources import Setting, SettingValue

__all__ = ["LANGUAGES", "TABLE", "Unfit", "Wire", "decode", "encode", "pristine", "shown"]

TABLE: Final[Mapping[str, Entry]] = {**general.GENERAL, **sign_in.SIGN_IN, **live_chat.LIVE_CHAT}


def shown(wire: Wire) -> Wire:
    """What a server lists, with what a sign-in service would be that nobody has made yet."""
    return {**sign_in.SERVICE_FRESH, **wire}


def decode(name: str, wire: Wire) -> SettingValue:
    """The neutral value of a setting. Raises KeyError when the server hides a part of it."""
    return TABLE[name].read(wire)


def encode(name: str, value: SettingValue, there: Wire | None = None) -> Wire:
    """What to write, by the server's ids. `there`: what is in those beside it. Raises Unfit."""
    return TABLE[name].write(value, there or {})


def pristine(major: int) -> Iterator[tuple[str, Setting]]:
    """Each setting of a fresh server, with the server's id of it."""
    wire = {**general.FRESH, **sign_in.FRESH, **live_chat.FRESH}
    if major < 7:
        # 6.5: the policy is off and asks for 7; 8.3: on, 14.
        wire["Accounts_Password_Policy_Enabled"] = False
    for name, entry in TABLE.items():
        yield entry.ids[0], Setting(name=name, value=entry.read(wire))
