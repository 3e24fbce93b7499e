"""A company file to be, before it is written."""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

__all__ = ["IGNORED_NAME", "NO_NAME", "Data", "Draft", "in_order"]

Data: TypeAlias = dict[str, Any]

NO_NAME: Final = "Company"
"""The name of a company whose server has none that can be said."""
IGNORED_NAME: Final = "setting:company.name"
"""The pattern under `ignore` that lets the server keep such a name."""

_TOP: Final = (
    *("version", "company", "chat", "storage", "smtp", "sign_in", "policy", "ignore", "roles"),
    *("users", "teams", "integrations", "live_chat"),
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A company file to be. `people` go into a table beside it; `pictures` are files to write."""

    data: Data
    people: list[Data] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """What could not be said in the language, each in a line for a person."""

    @property
    def tree(self) -> Data:
        """All of it as the language has it: the people stand under `users`."""
        return {**self.data, "users": self.people}


def in_order(data: Data) -> Data:
    """The blocks as a person reads them: who and where, then people, then places."""
    return {key: data[key] for key in _TOP if key in data}
