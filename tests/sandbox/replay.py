"""Replays what a real server answered against a sandbox, step by step, and tells every difference.

A recording is a file of JSON lines: `step method path params request as_ status headers response`.
Identifiers in it are placeholders, bound at their first sight in an answer; what a product calls
its fields and errors comes in as data (`Product`).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import requests

from chatops.sandbox import Sandbox

Step = dict[str, Any]
Login = Callable[["Caller"], Mapping[str, str]]
Check = Callable[[Any], bool]

_PLACEHOLDER = re.compile(r"<id\d+>")
_LONG = re.compile(r"<(\d+) times (.+?)>", re.DOTALL)
_COUNTER = re.compile(r"N(?=@|$)")


@dataclass(frozen=True)
class Product:
    """What replaying must know of a product."""

    prefix: str
    # Logs a caller in and returns the headers to send; called once per caller, when first needed.
    login: Login
    # An identifier that belongs to nobody.
    stranger: str
    # The form of an identifier inside longer texts: such texts are compared without them.
    identifier: str
    # What `<time>` and the like stand for.
    placeholders: Mapping[str, Check]
    # The keys of an error that are compared, where the status is 400 or more.
    error_keys: tuple[str, ...]
    # Keys of which only the type is compared: counters, sentences.
    loose: frozenset[str] = frozenset()
    # `METHOD path` patterns whose answer's top list has no promised order, and keys of such lists.
    unordered: tuple[str, ...] = ()
    unordered_keys: frozenset[str] = frozenset()
    # Headers that must be equal; others that were recorded must only be there.
    exact_headers: frozenset[str] = frozenset()
    # What must happen before a step, by the step's name.
    before: Mapping[str, Callable[["Caller"], None]] = field(default_factory=dict)
    # Rewrites a step before it is sent, where a product needs that.
    adjust: Callable[["Caller", Step], Step] = lambda _, step: step


@dataclass(frozen=True)
class Mismatch:
    """One step that did not answer as recorded."""

    number: int
    step: str
    request: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        lines = "\n".join(f"    {difference}" for difference in self.differences[:12])
        return f"#{self.number} {self.step}\n    {self.request}\n{lines}"


@dataclass
class Outcome:
    """How a replay went."""

    total: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def matched(self) -> int:
        return self.total - len(self.mismatches)

    def report(self) -> str:
        """All mismatches, to be read."""
        head = f"{self.matched} of {self.total} steps match"
        return "\n".join([head, *map(str, self.mismatches)])


class Caller:
    """Sends steps to a sandbox as the callers they name."""

    def __init__(self, sandbox: Sandbox, product: Product) -> None:
        self.sandbox = sandbox
        self.product = product
        self.who = ""
        self.bound: dict[str, str] = {}
        self.http = requests.Session()
        self._headers: dict[str, Mapping[str, str]] = {}

    def headers(self, who: str) -> Mapping[str, str]:
        """The headers of a caller, who is logged in if that was not done yet."""
        if who == "nobody":
            return {}
        if who not in self._headers:
            self.who = who
            self._headers[who] = self.product.login(self)
        return self._headers[who]

    def forget(self, who: str) -> None:
        """Log a caller in anew when next needed."""
        self._headers.pop(who, None)

    def send(self, step: Step, number: int = 0) -> requests.Response:
        """Send one step."""
        path = self._filled(step["path"])
        body = step.get("request")
        headers = {**self.headers(step["as_"]), **(step.get("request_headers") or {})}
        if step.get("times"):
            body = _numbered(body, number)
        return self.http.request(
            step["method"],
            f"{self.sandbox.url}{self.product.prefix}{path}",
            params=self._filled(step.get("params") or {}),
            headers=headers,
            timeout=60,
            allow_redirects=False,
            **self._content(body),
        )

    def _content(self, body: Any) -> dict[str, Any]:
        if body is None:
            return {}
        if isinstance(body, dict) and set(body) == {"raw"}:
            return {"data": self._filled(body["raw"]).encode()}
        if isinstance(body, dict) and set(body) == {"multipart"}:
            parts = []
            for name, part in body["multipart"].items():
                if isinstance(part, dict):
                    content = bytes.fromhex(part["hex"])
                    parts.append((name, (part["file"], content, part["type"])))
                else:
                    parts.append((name, (None, self._filled(part))))
            return {"files": parts}
        if isinstance(body, dict) and set(body) == {"repeat", "times"}:
            body = [body["repeat"]] * body["times"]
        return {"json": self._filled(body)}

    def _filled(self, value: Any) -> Any:
        """A value with its placeholders replaced and its long repeats written out."""
        if isinstance(value, str):
            text = _LONG.sub(lambda m: m[2] * int(m[1]), value)
            return _PLACEHOLDER.sub(lambda m: self.bound.get(m[0], self.product.stranger), text)
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, dict):
            return {self._filled(key): self._filled(item) for key, item in value.items()}
        return value


def steps_of(recording: Path) -> list[Step]:
    """The steps of a recording, in order."""
    with recording.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def replay(recording: Path, sandbox: Sandbox, product: Product) -> Outcome:
    """Send every step in order; what differs is collected, not raised."""
    caller, outcome = Caller(sandbox, product), Outcome()
    for number, recorded in enumerate(steps_of(recording)):
        if recorded["step"] in product.before:
            product.before[recorded["step"]](caller)
        step = product.adjust(caller, recorded)
        answers = [caller.send(step, repeat) for repeat in range(step.get("times") or 1)]
        differences = [d for answer in answers for d in _compare(caller, step, answer)]
        outcome.total += 1
        if differences:
            request = f"{step['method']} {step['path']} as {step['as_']}"
            found = Mismatch(number, step["step"], request, tuple(differences))
            outcome.mismatches.append(found)
    return outcome


def _compare(caller: Caller, step: Step, answer: requests.Response) -> list[str]:
    product, recorded = caller.product, step["response"]
    if answer.status_code != step["status"]:
        told = answer.text[:300]
        return [f"status: recorded {step['status']}, answered {answer.status_code}: {told}"]
    differences = []
    for name, value in (step.get("headers") or {}).items():
        there = answer.headers.get(name)
        if there is None or (name.lower() in product.exact_headers and there != str(value)):
            differences.append(f"header {name}: recorded {value!r}, answered {there!r}")
    if recorded is None:
        return differences
    try:
        given = answer.json()
    except ValueError:
        given = answer.text
    if isinstance(recorded, str) and not isinstance(given, str):
        given = answer.text  # the recorder keeps as text what is no object and no list
    if isinstance(recorded, str):
        recorded, given = recorded.strip(), str(given).strip()
    if step["status"] >= 400 and isinstance(recorded, dict):
        recorded = {key: recorded[key] for key in product.error_keys if key in recorded}
    line = f"{step['method']} {step['path']}"
    loose_order = any(fnmatchcase(line, pattern) for pattern in product.unordered)
    comparison = Comparison(product, dict(caller.bound))
    comparison.compare(recorded, given, "", unordered=loose_order)
    caller.bound.update(comparison.bound)
    return differences + comparison.differences


class Comparison:
    """Compares one answer with what was recorded, binding placeholders on the way."""

    def __init__(self, product: Product, bound: dict[str, str]) -> None:
        self.product = product
        self.bound = bound
        self.differences: list[str] = []

    def compare(
        self, recorded: Any, given: Any, where: str, *, key: str = "", unordered: bool = False
    ) -> None:
        """Collect how two values differ."""
        if isinstance(recorded, str) and recorded in self.product.placeholders:
            if not self.product.placeholders[recorded](given):
                self._differs(where, recorded, given)
        elif _PLACEHOLDER.fullmatch(str(recorded)):
            self._identifier(recorded, given, where)
        elif type(recorded) is not type(given):
            numbers = {type(recorded), type(given)} == {int, float}
            if not (numbers and (recorded == given or key in self.product.loose)):
                self._differs(where, recorded, given)
        elif isinstance(recorded, dict):
            self._object(recorded, given, where)
        elif isinstance(recorded, list):
            loose_order = unordered or key in self.product.unordered_keys
            self._list(recorded, given, where, unordered=loose_order, loose=key)
        elif key not in self.product.loose and self._bare(recorded) != self._bare(given):
            self._differs(where, recorded, given)

    def _object(self, recorded: dict[str, Any], given: dict[str, Any], where: str) -> None:
        for key, value in recorded.items():
            known = _PLACEHOLDER.sub(lambda m: self.bound.get(m[0], m[0]), key)
            if known in given:
                self.compare(value, given[known], f"{where}.{key}", key=key)
            elif _PLACEHOLDER.fullmatch(key) and len(given) == len(recorded) == 1:
                (only,) = given
                self._identifier(key, only, f"{where}.{key}")
                self.compare(value, given[only], f"{where}.{key}")
            else:
                self._differs(f"{where}.{key}", value, "nothing")

    def _list(
        self, recorded: list[Any], given: list[Any], where: str, *, unordered: bool, loose: str
    ) -> None:
        if loose in self.product.loose:
            return
        if len(recorded) != len(given):
            self._differs(where, f"{len(recorded)} items", f"{len(given)} items: {given!s:.200}")
            return
        if not unordered:
            for at, (left, right) in enumerate(zip(recorded, given, strict=True)):
                self.compare(left, right, f"{where}[{at}]")
            return
        rest = list(given)
        for at, left in enumerate(recorded):
            trials = [self._trial(left, right, f"{where}[{at}]") for right in rest]
            best = min(range(len(rest)), key=lambda i: len(trials[i].differences))
            self.differences += trials[best].differences
            self.bound = trials[best].bound
            rest.pop(best)

    def _trial(self, recorded: Any, given: Any, where: str) -> "Comparison":
        trial = Comparison(self.product, dict(self.bound))
        trial.compare(recorded, given, where)
        return trial

    def _identifier(self, placeholder: str, given: Any, where: str) -> None:
        known = self.bound.get(placeholder)
        taken = known is None and given in self.bound.values()
        if known is None and given == self.product.stranger:
            self.bound[placeholder] = given
        elif not isinstance(given, str) or not given or taken or known not in (None, given):
            meant = f"{placeholder} ({known})" if known else placeholder
            self._differs(where, meant, given)
        elif known is None:
            self.bound[placeholder] = given

    def _bare(self, value: Any) -> Any:
        """A text without the identifiers inside; other values as they are."""
        if not isinstance(value, str):
            return value
        text = _PLACEHOLDER.sub("<id>", value)
        return re.sub(self.product.identifier, "<id>", text)

    def _differs(self, where: str, recorded: Any, given: Any) -> None:
        self.differences.append(f"{where or 'answer'}: recorded {recorded!r}, answered {given!r}")


def _numbered(value: Any, number: int) -> Any:
    """The nth of many alike: a final N in a name is its number."""
    if isinstance(value, str):
        return _COUNTER.sub(str(number), value)
    if isinstance(value, dict):
        return {key: _numbered(item, number) for key, item in value.items()}
    return value
