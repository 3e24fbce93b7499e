"""The settings of a server that differ from a fresh one, as blocks of the company file: pure."""

from typing import Any, Final

from chatops.importers.inventory import Inventory
from chatops.resources import UNKNOWN, UNSET, Compare, Kind, Setting
from chatops.secrets import Secret

__all__ = ["settings_of"]

Data = dict[str, Any]

_SWITCHED: Final = ("sign_in.ldap", "sign_in.oidc", "sign_in.saml", "live_chat")
"""Blocks that count only while they are switched on."""
_NEEDED: Final = {"smtp": "host"}
"""Blocks that say nothing without this key."""
_ALWAYS: Final = ("company.name",)
"""What a company file says in any case, and so must say as the server has it."""
_OUR_OWN: Final = ("limits.", "integrations.", "sign_in.guests")
"""What follows from other parts of a company file, and has no key."""
_FILES: Final = ("storage.files",)


def settings_of(inventory: Inventory) -> tuple[Data, list[str]]:
    """The blocks, and the names of those settings whose secret is not shown."""
    live: dict[str, Setting] = {
        x.resource.name: x.resource for x in inventory.things.get(Kind.SETTING, ())
    }
    fresh = {
        x.resource.name: x.resource.value
        for x in inventory.facts.pristine
        if isinstance(x.resource, Setting)
    }
    off = {
        block
        for block in _SWITCHED
        if getattr(live.get(f"{block}.enabled"), "value", False) is not True
    }
    found: Data = {}
    secrets: list[str] = []
    for name, setting in live.items():
        value = setting.value
        if setting.compare is Compare.AT_LEAST or name.startswith(
            ("limits.", "integrations.", "sign_in.guests")
        ):
            continue
        if any(name.startswith(f"{block}.") for block in off) or name.endswith(".enabled"):
            continue
        if not inventory.facts.cell(f"setting.{name}").held:
            continue
        if isinstance(value, Secret) or (value is UNKNOWN and fresh.get(name, "") == ""):
            secrets.append(name)
            continue
        on = any(name.startswith(f"{block}.") for block in _SWITCHED)
        if name.endswith(".port") and not value:
            continue
        usual = value == fresh.get(name) and not on and name not in _ALWAYS
        if value in (UNKNOWN, UNSET, "", ()) or usual:
            continue
        _put(found, name, _written(name, value))
    for block, key in _NEEDED.items():
        if key not in found.get(block, {}):
            found.pop(block, None)
            secrets = [s for s in secrets if not s.startswith(f"{block}.")]
    if "live_chat" not in off:
        found.setdefault("live_chat", {})
    return found, secrets


def _put(found: Data, name: str, value: Any) -> None:
    *blocks, key = name.split(".")
    for block in blocks:
        found = found.setdefault(block, {})
    found[key] = value


def _written(name: str, value: Any) -> Any:
    if name == "storage.message_retention":
        return "forever" if not value else f"{value}d"
    if isinstance(value, tuple):
        return list(value)
    if name == "storage.files.max_file_size" and value % 2**20 == 0:
        return f"{value // 2**20}MiB"
    return value
