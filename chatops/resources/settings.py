"""Settings of the server, named by their place in the spec."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeAlias

from chatops.resources.base import Key, Kind, Maybe, Resource
from chatops.secrets import Secret

__all__ = ["Compare", "Setting", "SettingValue"]


class Compare(StrEnum):
    """When a live setting is as wanted."""

    EQUAL = "equal"
    AT_LEAST = "at least"


SettingValue: TypeAlias = str | int | bool | tuple[str, ...] | Secret


@dataclass(frozen=True, kw_only=True)
class Setting(Resource):
    """One setting of the server, named by its place in the spec (`sign_in.self_registration`)."""

    kind: ClassVar[Kind] = Kind.SETTING
    name: str = field(metadata={"identity": True})
    value: Maybe[SettingValue]
    compare: Compare = field(default=Compare.EQUAL, metadata={"identity": True})

    @property
    def key(self) -> Key:
        """`setting:smtp.host`."""
        return Key(self.kind, self.name)
