"""What a change is, how it went, and what those who make it share."""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from chatops.resources import Ids, Key, Live, Picture, Resource
from chatops.secrets import Secret

__all__ = [
    "Action",
    "Change",
    "Onboarding",
    "Output",
    "Problem",
    "Removal",
    "Result",
    "Run",
    "Scope",
]


R = TypeVar("R", bound=Resource)
Scope: TypeAlias = Collection[Key] | None
"""The keys asked for; None: all of the kind."""


class Removal(StrEnum):
    """What removing means for a kind: the word that the plan prints."""

    ARCHIVE = "archive"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    NONE = "leave"


class Action(StrEnum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, kw_only=True)
class Change(Generic[R]):
    """One difference: what is wanted, what is there, and which fields differ.

    `want` is None for REMOVE, `have` is None for CREATE. In an UPDATE `want` holds the complete
    thing, unmentioned fields being UNSET, and `changed` names the fields to write. A renamed
    thing keeps its identifier: `have` is the old one, `changed` holds `name` (or `username`).
    """

    action: Action
    key: Key
    want: R | None
    have: Live[R] | None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Why something did not work: prose for a person, and the server's own name of the error."""

    message: str
    code: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Output:
    """What a thing gives to the outside: a webhook's address, a bot's token. Text is no secret."""

    value: Secret | str


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a change went. `failed` names the parts of a batch that did not work, and why.

    `outputs`: what the server told now and perhaps never again.
    """

    id: str = ""
    failed: Mapping[str, Problem] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)


class Onboarding(StrEnum):
    """How a new person gets in."""

    MAIL = "mail"
    FILE = "file"
    SSO = "sso"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What handlers share while changes are made."""

    ids: Ids
    cancelled: threading.Event = field(default_factory=threading.Event)
    onboarding: Onboarding = Onboarding.FILE
    break_glass: Key | None = None
    """The account that is not handed over to anybody: its password stays in the vault."""
    keep: Callable[[Key, Mapping[str, Output]], None] = lambda key, outputs: None
    """Puts outputs where they are not lost; called before the change counts as done."""
    remember: Callable[[Key, str, Secret | Picture], None] = lambda key, name, value: None
    """Notes what was written into a field that no server shows again."""

    def way_in(self, person: Key) -> Onboarding | None:
        """How a new person gets in; None for whom nobody is to be told."""
        return None if person == self.break_glass else self.onboarding
