"""What reading a company file costs, beside a plain YAML parser on the same text.

    python -m bench.language [PEOPLE …]

Each figure is the best of three. Read the ratios, not the seconds. Nothing here is a test.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from bench.company import company
from chatops.deploy.company import load_company
from chatops.platforms.registry import platforms
from chatops.spec.resolved import resolve_company
from chatops.tidying import tidied


def best(work: Callable[[], object]) -> float:
    """The shortest of three runs, in seconds."""
    spans = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        spans.append(time.perf_counter() - start)
    return min(spans)


def measure(path: Path) -> dict[str, float]:
    """What each way to read the file takes, in seconds."""
    text = path.read_text(encoding="utf-8")
    plain = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = load_company(path)
    decided = loaded.decided()
    return {
        "plain YAML": best(lambda: yaml.load(text, plain)),
        "validate": best(lambda: load_company(path)),
        "resolved": best(lambda: resolve_company(loaded.loaded, decided)),
        "fmt": best(lambda: tidied((), path)),
    }


def main() -> None:
    """Print the table and the ratios."""
    sizes = [int(word) for word in sys.argv[1:]] or [500, 5000]
    product = sorted(platforms())[-1]
    rows = []
    for people in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "company.yaml"
            path.write_text(company(product, people), encoding="utf-8")
            rows.append(measure(path))
    print(f"{'people':>7}" + "".join(f"{name:>12}" for name in rows[0]))
    for people, row in zip(sizes, rows, strict=True):
        print(f"{people:>7}" + "".join(f"{seconds:>12.3f}" for seconds in row.values()))
        plain = row["plain YAML"]
        told = (
            f"{name} {seconds / plain:.1f}" for name, seconds in row.items() if name != "plain YAML"
        )
        print(f"{'':>7}  times the plain parser: {', '.join(told)}")
    if len(rows) > 1:
        grown = (f"{name} {rows[-1][name] / rows[0][name]:.1f}" for name in rows[0])
        print(f"{sizes[-1] / sizes[0]:.0f} times the people: {', '.join(grown)} times as long")


if __name__ == "__main__":
    main()
