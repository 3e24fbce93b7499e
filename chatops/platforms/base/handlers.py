"""The worker for one kind of thing on one platform."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

from chatops.platforms.base.changes import Change, Output, Removal, Result, Run, Scope
from chatops.resources import Ids, Live, Resource

R = TypeVar("R", bound=Resource)

__all__ = ["GivesOutputs", "GivesPictures", "Handler", "ShowsAgain"]


class Handler(Protocol[R]):
    """The worker for one kind on one platform.

    `create` on a thing that exists raises ApiError: a conflict, never adopted here. `remove` of
    what is gone already is fine. `update` touches `change.changed` alone.
    """

    removal: Removal

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[R]]:
        """What is there. Kinds are read in order, `ids` knows those read before."""
        ...

    def create(self, want: R, run: Run) -> Result:
        """Make it, with every field that is set."""
        ...

    def update(self, change: Change[R], run: Run) -> Result:
        """Write the changed fields."""
        ...

    def remove(self, have: Live[R], run: Run) -> Result:
        """Archive or deactivate it."""
        ...


@runtime_checkable
class GivesOutputs(Protocol):
    """A handler of a kind that has outputs."""

    def outputs(self, have: Live[Any]) -> Mapping[str, Output]:
        """What of them the server shows again."""
        ...


@runtime_checkable
class GivesPictures(Protocol):
    """A handler of a kind whose picture the server shows as it was sent."""

    def picture(self, have: Live[Any]) -> bytes:
        """The file."""
        ...


@runtime_checkable
class ShowsAgain(Protocol):
    """A handler of a kind of which the server shows every output again, so that none is kept.

    Outputs of all others are put into the vault at the moment they are made.
    """

    shows_again: bool
