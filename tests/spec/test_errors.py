"""Each broken company file in tests/errors says exactly what its .txt says.

A case is named after the rule that it breaks: RULE.yaml, or RULE--what-is-special.yaml. What it
includes is under include/, what is laid over it under inventories/.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from chatops.core.checks import RULES
from chatops.deploy.company import load_company, resolve_secrets
from chatops.errors import Finding, SpecError
from chatops.spec.text import findings_text
from tests.contract.pictures import png

ERRORS = Path(__file__).parents[1] / "errors"
HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"


def _utf16(folder: Path) -> bytes:
    return HEAD.encode("utf-16")


def _utf16_without_mark(folder: Path) -> bytes:
    return HEAD.encode("utf-16-le")


def _latin(folder: Path) -> bytes:
    return (HEAD + "teams:\n  - {name: ops, display_name: Københavns lager}\n").encode("latin-1")


def _program(folder: Path) -> bytes:
    return b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 40


def _control(folder: Path) -> bytes:
    return (HEAD + "teams:\n  - {name: ops, display_name: \x1b[31mOps}\n").encode()


def _merge(folder: Path) -> bytes:
    ours, theirs = "  - name: sales\n", "  - name: selling\n"
    body = f"{'<' * 7} HEAD\n{ours}{'=' * 7}\n{theirs}{'>' * 7} other\n"
    return (HEAD + "teams:\n" + body).encode()


def _rest_of_a_merge(folder: Path) -> bytes:
    body = f"teams:\n{'=' * 7}\n  - name: sales\n{'>' * 7} other\n"
    return (HEAD + body).encode()


def _two_merges(folder: Path) -> bytes:
    one = f"{'<' * 7} HEAD\n  - name: a\n{'|' * 7} base\n{'=' * 7}\n  - name: b\n{'>' * 7} x\n"
    return (HEAD + "teams:\n" + one + "  - name: c\n" + one).encode()


def _merged_people(folder: Path) -> bytes:
    body = f"{'<' * 7} HEAD\nida\n{'=' * 7}\nbo\n{'>' * 7} other\n"
    (folder / "people.csv").write_text("username\n" + body)
    return (HEAD + "users:\n  - from: people.csv\n").encode()


def _fifty_megabytes(folder: Path) -> bytes:
    return HEAD.encode() + b"# padding\n" * 5_000_000


def _half_a_million(folder: Path) -> bytes:
    return (HEAD + "ignore:\n" + "  - a\n" * 500_001).encode()


def _thousands(folder: Path) -> bytes:
    return (HEAD + "".join(f"key{i}: 1\n" for i in range(1_234))).encode()


def _big_csv(folder: Path) -> bytes:
    (folder / "people.csv").write_bytes(b"username\n" + b"x\n" * 6_000_000)
    return (HEAD + "users:\n  - from: people.csv\n").encode()


def _linked_people(folder: Path) -> bytes:
    company = folder / "company"
    (company / "teams").mkdir(parents=True)
    (folder / "secrets.env").write_text("API_KEY=sk-live-CANARY\n")
    (company / "people.csv").symlink_to("../secrets.env")
    (company / "teams" / "crew.csv").symlink_to("ours.csv")
    (company / "teams" / "ours.csv").write_text("username,email\nbo,bo@acme.example\n")
    return (HEAD + "users:\n  - from: people.csv\n  - from: teams/crew.csv\n").encode()


def _people_in_a_pipe(folder: Path) -> bytes:
    os.mkfifo(folder / "people.csv")
    return (HEAD + "users:\n  - from: people.csv\n").encode()


def _linked_pictures(folder: Path) -> bytes:
    company = folder / "company"
    company.mkdir()
    (folder / "acme.png").write_bytes(png(4, 4, (1, 2, 3)))
    (company / "own.png").write_bytes(png(4, 4, (1, 2, 3)))
    (company / "linked.png").symlink_to(folder / "acme.png")
    (company / "again.png").symlink_to("own.png")
    (company / "round.png").symlink_to("round.png")
    names = ("own", "linked", "again", "round")
    emoji = (f"    - {{name: {n}, file: {n}.png}}\n" for n in names)
    return (HEAD + "integrations:\n  emoji:\n" + "".join(emoji)).encode()


def _city(folder: Path) -> bytes:
    (folder / "people.csv").write_text("username\n" + "".join(f"p{i}\n" for i in range(100_002)))
    return (HEAD + "users:\n  - from: people.csv\n").encode()


def _shelf(folder: Path) -> bytes:
    (folder / "teams").mkdir()
    for i in range(1_001):
        (folder / "teams" / f"t{i}.yaml").write_text(f"teams: [{{name: t{i}}}]\n")
    return (HEAD + "include: [teams/*.yaml]\n").encode()


def _crowd(folder: Path) -> bytes:
    rows = (f"p{i},p{i}@acme.example,{'no' if i < 10 else ''}\n" for i in range(270))
    (folder / "people.csv").write_text("username,email,active\n" + "".join(rows))
    return (HEAD + "users:\n  - from: people.csv\n").encode()


def _crowd_on_starter(folder: Path) -> bytes:
    people = "".join(f"  - {{username: p{i}, email: p{i}@acme.example}}\n" for i in range(51))
    head = HEAD.replace("mattermost", "rocketchat, edition: starter")
    return (head + "users:\n" + people).encode()


def _large_pictures(folder: Path) -> bytes:
    (folder / "wide.png").write_bytes(png(1_029, 2, (1, 2, 3)))
    (folder / "heavy.png").write_bytes(png(64, 64, (1, 2, 3)) + b"x" * 2**19)
    (folder / "fine.png").write_bytes(png(1_028, 1_028, (1, 2, 3)))
    return (
        HEAD
        + "integrations:\n  emoji:\n"
        + "".join(f"    - {{name: {n}, file: {n}.png}}\n" for n in ("wide", "heavy", "fine"))
    ).encode()


BUILT: dict[str, Callable[[Path], bytes]] = {
    "platform-picture": _large_pictures,
    "file-encoding--utf-16": _utf16,
    "file-encoding--utf-16-without-mark": _utf16_without_mark,
    "file-encoding--latin-1": _latin,
    "file-encoding--binary": _program,
    "file-encoding--escape": _control,
    "conflict-marker": _merge,
    "conflict-marker--rest": _rest_of_a_merge,
    "conflict-marker--two": _two_merges,
    "conflict-marker--csv": _merged_people,
    "file-size": _fifty_megabytes,
    "file-size--csv": _big_csv,
    "yaml-values": _half_a_million,
    "too-many": _thousands,
    "people-outside--link": _linked_people,
    "people-file--pipe": _people_in_a_pipe,
    "picture-outside--link": _linked_pictures,
    "csv-rows": _city,
    "include-many": _shelf,
    "platform-cap": _crowd,
    "platform-cap--starter": _crowd_on_starter,
}
WRITTEN = sorted(p.stem for p in ERRORS.glob("*.yaml"))
CASES = sorted([*WRITTEN, *BUILT])


def _findings(path: Path) -> list[Finding]:
    try:
        has_override = Path("inventories", path.stem).is_dir()
        company = load_company(path, env=path.stem if has_override else "")
        resolve_secrets(company)
    except SpecError as error:
        return list(error.findings)
    return list(company.findings)


@pytest.mark.parametrize("name", CASES)
def test_says_exactly(
    name: str,
    golden: Callable[[Path, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name in BUILT:
        text = BUILT[name](tmp_path)
        # Those that need something outside of the company have a folder of their own for it.
        folder = tmp_path / "company" if (tmp_path / "company").is_dir() else tmp_path
        (folder / "company.yaml").write_bytes(text)
        monkeypatch.chdir(folder)
        findings = _findings(Path("company.yaml"))
    else:
        monkeypatch.chdir(ERRORS)
        findings = _findings(Path(f"{name}.yaml"))
    text = findings_text(findings).replace(f"{Path.cwd()}/", "/acme/")
    golden(ERRORS / f"{name}.txt", text)
    assert name.partition("--")[0] in {f.rule for f in findings}
    assert {f.rule for f in findings} <= set(RULES)
    assert all(f.message and f.place.line >= 1 and f.place.column >= 1 for f in findings)


def test_a_thousand_wrong_rows_are_enough(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("username\n" + "a,b\n" * 1_500)
    (tmp_path / "company.yaml").write_text(HEAD + "users:\n  - from: people.csv\n")
    found = _findings(tmp_path / "company.yaml")
    assert [f.rule for f in found] == ["csv-cells"] * 1_000 + ["too-many"]
    assert found[-1].place.line == 1_002


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_a_case(rule: str) -> None:
    assert rule in {name.partition("--")[0] for name in CASES}


def test_every_text_has_a_case() -> None:
    assert {p.stem for p in ERRORS.glob("*.txt")} == set(CASES)


def test_every_rule_says_what_it_demands() -> None:
    assert [r for r, text in RULES.items() if not text.endswith(".") or "\n" in text] == []


@cache
def _all_texts() -> str:
    return "".join(p.read_text(encoding="utf-8") for p in sorted(ERRORS.glob("*.txt")))


@pytest.mark.parametrize(
    "word",
    [
        "pydantic",
        "Input should",
        "dict",
        "NoneType",
        "validation",
        "Traceback",
        "<class",
        "extra_forbidden",
        # secrets that the cases write by mistake
        "hunter2",
        "12345678",
        "the-key-itself",
        "CANARY",
    ],
)
def test_no_words_for_programmers_and_no_secrets(word: str) -> None:
    assert word not in _all_texts()
