"""Asks the vendor's own request schemas (npm `@rocket.chat/rest-typings`) what they think of calls.

The package is installed by npm into a cache outside the project the first time it is needed, and
nothing of it is kept here: `package.json` names it, `endpoints.json` tells which of its validators
belongs to which endpoint.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PREFIX = "/api/v1/"
ENTRY = "node_modules/@rocket.chat/rest-typings/dist/index.js"
BUNDLE = "typings.cjs"


@dataclass(frozen=True)
class Call:
    """One request: `body` is what is sent, or the query of a GET."""

    method: str
    path: str
    body: Any = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What the schemas say: `known` is False where the package has none for this endpoint.

    `coerced` tells that the validator had to change the data, a number into a text and the like.
    """

    call: Call
    known: bool
    valid: bool
    coerced: bool = False
    errors: tuple[str, ...] = ()


class NotAvailable(Exception):
    """The schemas cannot be had here, and why."""


@cache
def validators() -> dict[str, str]:
    """The validator of each endpoint: `METHOD name` to the name the package exports."""
    table: dict[str, str] = json.loads((HERE / "endpoints.json").read_text(encoding="utf-8"))
    return table


def endpoint(call: Call) -> str:
    """The endpoint of a call, as the table names it."""
    return f"{call.method} {call.path.partition('?')[0].removeprefix(PREFIX)}"


def validate(calls: Sequence[Call]) -> list[Verdict]:
    """A verdict for each call, in order. Raises NotAvailable where there is no node or npm."""
    table, bundle = validators(), _installed()
    lines = [
        json.dumps({"validator": table.get(endpoint(call), ""), "data": _data(call)})
        for call in calls
    ]
    done = subprocess.run(
        ["node", str(HERE / "judge.cjs"), str(bundle)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        Verdict(call, said["known"], said["valid"], said["coerced"], tuple(said["errors"]))
        for call, said in zip(calls, told, strict=True)
    ]


def _data(call: Call) -> Any:
    # A query arrives as texts, whatever a client meant by them.
    if call.method in ("GET", "DELETE") and isinstance(call.body, dict):
        return {
            key.removesuffix("[]"): [value] if key.endswith("[]") else _text(value)
            for key, value in call.body.items()
        }
    return call.body


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


@cache
def _installed() -> Path:
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NotAvailable(f"there is no {tool}")
    package = (HERE / "package.json").read_bytes()
    key = hashlib.sha256(package).hexdigest()[:16]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = root / "chatops" / f"typings-{key}"
    if not (target / BUNDLE).exists():
        _install(package, target)
    return target / BUNDLE


def _install(package: bytes, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        place = Path(scratch) / "new"
        place.mkdir()
        (place / "package.json").write_bytes(package)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
        _run(["npm", "install", *flags], place)
        bundler = place / "node_modules" / ".bin" / "esbuild"
        # The package is written for bundlers: its imports leave out the names of files.
        options = ["--bundle", "--platform=node", "--format=cjs", "--log-level=error"]
        _run([str(bundler), ENTRY, *options, f"--outfile={BUNDLE}"], place)
        shutil.rmtree(place / "node_modules")
        if not target.exists():
            place.rename(target)


def _run(command: list[str], place: Path) -> None:
    done = subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise NotAvailable(f"{Path(command[0]).name} failed: {done.stderr.strip()[-400:]}")
