"""How the work grows with the company, and what working side by side gains.

    python -m bench.company [PEOPLE …]

Each line is a whole pass against a sandbox in a process of its own: load and judge the file,
plan on the empty server, apply, plan again. Read the ratios, not the seconds: they depend on the
machine. Nothing here is a test.
"""

import itertools
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from chatops.deploy import flow
from chatops.deploy.company import load_company
from chatops.environments import Environment, Where
from chatops.platforms.base import AdminSeed, Credential, Network
from chatops.platforms.registry import platforms
from chatops.sandbox import Fault, Sandbox
from chatops.secrets import Secret

ADMIN = AdminSeed(
    username="bench", email="bench@bench.example", name="Bench", password=Secret("Bench-admin-1!xx")
)


@dataclass(frozen=True)
class Pass:
    """One line of the table; times in seconds."""

    platform: str
    people: int
    side_by_side: int
    load: float
    plan: float
    apply: float
    again: float
    changes: int


def company(platform: str, people: int) -> str:
    """A company with a team for each 100 people and 5 channels a team, 40 % of it in each."""
    teams = max(1, people // 100)
    lines = [
        "version: 1",
        "company: {name: Bench}",
        f"chat: {{platform: {platform}}}",
        "policy: {unsupported: note, unmanaged: ignore}",
        "users:",
    ]
    lines += [
        f"  - {{username: p{n:05}, name: Person {n}, email: p{n:05}@bench.example}}"
        for n in range(people)
    ]
    lines.append("teams:")
    for t in range(teams):
        ours = [f"p{n:05}" for n in range(people) if n % teams == t]
        lines += [f"  - name: team-{t:03}", "    visibility: invite"]
        lines += [f"    members: [{', '.join(ours)}]", "    channels:"]
        for c in range(5):
            some = ours[c::5] + ours[(c + 1) % 5 :: 5]
            lines.append(f"      - {{name: room-{t:03}-{c}, members: [{', '.join(some)}]}}")
    return "\n".join(lines) + "\n"


DELAY = 0.03
"""Seconds that a network adds to a call, for the passes that compare one with eight at a time."""
SIZES = {"mattermost": [60, 240], "rocketchat": [100, 1000]}
"""Mattermost's free edition holds 250 people, and chatops refuses more."""


def _serve(product: str, delay: float, pipe: Connection) -> None:
    with Sandbox(product) as sandbox:
        if delay:
            sandbox.faults.add(Fault(kind="slow", seconds=delay, times=None))
        pipe.send(sandbox.url)
        pipe.recv()


@contextmanager
def server(product: str, delay: float = 0.0) -> Iterator[str]:
    """A sandbox that has a processor of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(product, delay, theirs)
    )
    process.start()
    try:
        yield ours.recv()
        ours.send("stop")
    finally:
        process.join(10)
        process.terminate()


def measure(product: str, people: int, side_by_side: int, delay: float = 0.0) -> Pass:
    """One pass from an empty server to "no changes". `delay`: what a network adds to each call."""
    platform = platforms()[product]
    with server(product, delay) as url, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.yaml"
        path.write_text(company(product, people), encoding="utf-8")
        platform.bootstrap(url, ADMIN, Network())
        environment = Environment(
            name="bench", folder=Path(folder), target=Where.SERVER, url=url, network=Network()
        )
        credential = Credential(username=ADMIN.username, password=ADMIN.password)
        asked = flow.Asked(parallelism=side_by_side)
        clock = [time.perf_counter()]
        loaded = load_company(path)
        clock.append(time.perf_counter())
        planned = flow.plan_live(loaded, environment, credential, asked, lambda text: None)
        clock.append(time.perf_counter())
        done = flow.apply_plan(
            planned, environment, asked, threading.Event(), lambda event: None
        ).report
        clock.append(time.perf_counter())
        bad = [e for e in done.events if e.problem or e.failed]
        if bad:
            sys.exit(f"not all was done: {bad[:3]}")
        again = flow.plan_live(loaded, environment, credential, asked, lambda text: None)
        clock.append(time.perf_counter())
        if again.plan.changes:
            sys.exit(f"not settled: {again.plan.view.changes[:3]}")
    load, plan, apply, second = (b - a for a, b in itertools.pairwise(clock))
    changes = len(planned.plan.changes)
    return Pass(product, people, side_by_side, load, plan, apply, second, changes)


def main() -> None:
    """Print the table and the ratios."""
    asked = [int(word) for word in sys.argv[1:]]
    print(f"{'platform':<11}{'people':>7}{'wide':>5}{'changes':>8}", end="")
    print(f"{'load':>8}{'plan':>8}{'apply':>8}{'again':>8}")
    for product in sorted(platforms()):
        sizes = asked or SIZES.get(product, [100, 1000])
        rows = [measure(product, n, 8) for n in sizes]
        rows += [measure(product, sizes[0], wide, DELAY) for wide in (8, 1)]
        for r in rows:
            print(
                f"{r.platform:<11}{r.people:>7}{r.side_by_side:>5}{r.changes:>8}"
                f"{r.load:>8.2f}{r.plan:>8.2f}{r.apply:>8.2f}{r.again:>8.2f}"
            )
        small, large, together, alone = rows[0], rows[-3], rows[-2], rows[-1]
        size = large.people / small.people
        print(
            f"  {size:.0f} times the people: apply {large.apply / small.apply:.1f} times, "
            f"plan again {large.again / small.again:.1f} times as long; "
            f"with {DELAY * 1000:.0f} ms on the way (the last two lines), one at a time instead of "
            f"8: apply {alone.apply / together.apply:.1f} times as long"
        )


if __name__ == "__main__":
    main()
