"""Bad weather on demand: a middleware that refuses, delays or cuts what its rules name."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = Literal["status", "slow", "cut", "cut_after"]
KINDS: tuple[Kind, ...] = ("status", "slow", "cut", "cut_after")

# The answer of a product to a status and a number of seconds to wait.
Refusal = Callable[[int, int], Response]


@dataclass(frozen=True)
class Fault:
    """One rule. `times` None means for ever; `after` requests that match pass unharmed first.

    `status` answers instead of the product; `slow` waits `seconds`, then handles the request;
    `cut` closes the connection unhandled; `cut_after` handles it and closes before the answer.
    """

    kind: Kind = "status"
    method: str = "*"
    path: str = "*"
    times: int | None = 1
    after: int = 0
    status: int = 500
    retry_after: int = 1
    seconds: float = 0.0

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Fault":
        """A rule from JSON. Raises ValueError or TypeError where it makes no sense."""
        fault = cls(**fields)
        if fault.kind not in KINDS:
            raise ValueError(f"unknown kind: {fault.kind}")
        if fault.kind == "status" and not (fault.status == 429 or 500 <= fault.status <= 599):
            raise ValueError(f"status must be 429 or 5xx: {fault.status}")
        return fault

    def matches(self, method: str, path: str) -> bool:
        """Whether this rule is about such a request."""
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path)


class Faults:
    """The rules in force, first match wins; `fired` tells which were used, in order."""

    def __init__(self) -> None:
        self._rules: list[tuple[Fault, list[int]]] = []
        self.fired: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Put further rules behind those in force."""
        self._rules.extend((fault, [0]) for fault in faults)

    def clear(self) -> None:
        """Fair weather again."""
        self._rules.clear()
        self.fired.clear()

    def pending(self) -> list[dict[str, Any]]:
        """The rules not used up, as JSON would show them, with how often each matched."""
        return [asdict(f) | {"seen": n[0]} for f, n in self._rules if not _used_up(f, n[0])]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if one does; it is counted."""
        for fault, seen in self._rules:
            if not fault.matches(method, path) or _used_up(fault, seen[0]):
                continue
            seen[0] += 1
            if seen[0] > fault.after:
                self.fired.append(fault)
                return fault
        return None


def _used_up(fault: Fault, seen: int) -> bool:
    return fault.times is not None and seen >= fault.after + fault.times


class FaultMiddleware:
    """Lets the rules act on every request but those to the sandbox's own `/_sandbox/` paths."""

    def __init__(self, app: ASGIApp, faults: Faults, refusal: Refusal) -> None:
        self._app = app
        self._faults = faults
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or not."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await self._app(scope, receive, send)
            return
        fault = self._faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "status":
            await self._refusal(fault.status, fault.retry_after)(scope, receive, send)
        elif fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        else:
            if fault.kind == "cut_after":
                await self._app(scope, receive, _swallow)
            await _cut(receive, send)


async def _swallow(message: Message) -> None:
    """A send that lets nothing out."""


async def _cut(receive: Receive, send: Send) -> None:
    """Reset the connection. ASGI has no word for that, so reach for uvicorn's own transport."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass
