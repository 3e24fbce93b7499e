"""Chat with customers on the company's website."""

from dataclasses import dataclass, field
from typing import ClassVar

from chatops.resources.base import UNSET, Key, Kind, Maybe, Resource

__all__ = ["BusinessHours", "Department"]


@dataclass(frozen=True, kw_only=True)
class Department(Resource):
    """People who answer customers."""

    kind: ClassVar[Kind] = Kind.DEPARTMENT
    name: str = field(metadata={"identity": True})
    agents: Maybe[frozenset[str]] = UNSET
    email: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    active: Maybe[bool] = UNSET

    @property
    def key(self) -> Key:
        """`department:support`."""
        return Key(self.kind, self.name)

    @property
    def people(self) -> frozenset[str]:
        """Its agents."""
        return self.agents if isinstance(self.agents, frozenset) else frozenset()


@dataclass(frozen=True, kw_only=True)
class BusinessHours(Resource):
    """When somebody is there to answer: there is one, `default`.

    `days` holds the open days as `monday 08:00-16:00`, in the order of the week.
    """

    kind: ClassVar[Kind] = Kind.BUSINESS_HOURS
    name: str = field(default="default", metadata={"identity": True})
    days: Maybe[tuple[str, ...]] = UNSET
    timezone: Maybe[str] = UNSET

    @property
    def key(self) -> Key:
        """`business-hours:default`."""
        return Key(self.kind, self.name)
