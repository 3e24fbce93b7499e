"""The tidy form: what it looks like, that it says the same, and keeps every comment."""

import random
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatops.errors import ChatopsError, SpecError
from chatops.spec import load
from chatops.spec.emit import emit
from chatops.spec.files import Findings
from chatops.spec.formatting import formatted
from chatops.spec.source import compose
from tests.spec.test_emit import texts

ROOT = Path(__file__).parents[2]
NORDLYS = ROOT / "examples" / "nordlys"
COMPANY = (NORDLYS / "company.yaml").read_text(encoding="utf-8").partition("  - name: it\n")[0]
quick = settings(deadline=None, max_examples=20, database=None)

UGLY = """\ufeff\r


# top
version: 1   \r
company:
    name: Acme     # the name
    # about domain
    domain: acme.example
chat: {platform: mattermost,
       version: "11.7",   # why
         # inner
       url: https://x.example
      }
# people
users:
- username: ida
  name: "Ida
    Holm"
  # a comment
  roles:
  - admin
-   username: bo
    title: y
    active: no


# teams
teams:
      -   name: ops
          description: |2
                Trucks
                  and more

                depots
          channels:
          - {name: a, topic: 02:30}
          - name: b
            topic: >-
              hello
              there\x20\x20
            purpose: this is
              long text
            pinned: ["x",
              "y"]
          # at the end of channels
      # end of teams
ignore:
    [ "channel:a",
    "channel:b" ]


"""
TIDY = """\
# top
version: 1
company:
  name: Acme       # the name
  # about domain
  domain: acme.example
chat: {platform: mattermost,
       version: "11.7",   # why
         # inner
       url: https://x.example
      }
# people
users:
  - username: ida
    name: "Ida
      Holm"
    # a comment
    roles:
      - admin
  - username: bo
    title: "y"
    active: false

# teams
teams:
  - name: ops
    description: |2
          Trucks
            and more

          depots
    channels:
      - {name: a, topic: "02:30"}
      - name: b
        topic: >-
          hello
          there\x20\x20
        purpose: this is
          long text
        pinned: ["x",
          "y"]
      # at the end of channels
  # end of teams
ignore:
  [ "channel:a",
  "channel:b" ]
"""


def read(text: str) -> Any:
    findings = Findings()
    root = compose(text, "", findings)
    assert root is not None, (text, [f.message for f in findings])
    return root.plain()


def test_what_it_looks_like() -> None:
    assert formatted(UGLY) == TIDY
    assert formatted(TIDY) == TIDY


@pytest.mark.parametrize("path", ["examples/nordlys/company.yaml"])
def test_what_we_ship_is_tidy(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert formatted(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only\n\n\n# comments", "# only\n\n# comments\n"),
        ("a: |+\n  x\n\n\n", "a: |+\n  x\n\n\n"),
        ("a: |\n  x\n\n\n", "a: |\n  x\n"),
        ("a: |\n    x", "a: |\n  x"),
        ("a: |+\n    x", "a: |+\n  x"),
        ("a: |  # why\n      x\n", "a: |  # why\n  x\n"),
        ("a:\n- |\n    x\n- >2\n    y\n", "a:\n  - |\n    x\n  - >2\n      y\n"),
        ("a:\n- - 1\n  - 2\n-  - 3\n", "a:\n  - - 1\n    - 2\n  - - 3\n"),
        ("a: yes\nb: On\nc: 1_000\nd: ~\n", "a: true\nb: true\nc: 1000\nd: ~\n"),
        ("a: 0o17\nb: 1e3\n", 'a: "0o17"\nb: "1e3"\n'),
        ("  a: &x\n     b: 1\n  c: {<<: *x}\n  d:\n     <<: *x\n", None),
        ('a: "x \\\n   y"\n', 'a: "x \\\n   y"\n'),
        ("---\na: 1\n...\n", "---\na: 1\n...\n"),
        ("a:\n  # in\n # out\n  b: 1\n", "a:\n  # in\n  # out\n  b: 1\n"),
        (
            "a:\n    - b: 1\n      # two\n    # one\n# none\n",
            "a:\n  - b: 1\n    # two\n  # one\n# none\n",
        ),
        ("a: [x, y,\n    z]  # end\nb:\n    - [1,\n       2]\n", None),
        ("a: 'it''s'\n", "a: 'it''s'\n"),
        ("a: b # c\n", "a: b  # c\n"),
        ("a: 'x\n\n   # no comment\n   y'\n", "a: 'x\n\n   # no comment\n   y'\n"),
    ],
)
def test_pieces(before: str, after: str | None) -> None:
    made = formatted(before)
    if after is not None:
        assert made == after
    assert formatted(made) == made
    if before.replace("#", "").strip():
        assert yaml.safe_load(made) == yaml.safe_load(before)


def test_keys_are_the_words_that_we_take_them_for() -> None:
    made = formatted("on: 1\n22:22: x\n=: no\n<<: {a: 1}\n")
    assert made == '"on": 1\n"22:22": x\n"=": false\n<<: {a: 1}\n'
    assert read(made) == {"on": 1, "22:22": "x", "=": False, "a": 1}


def test_keys_behind_a_question_mark_are_left_alone() -> None:
    with pytest.raises(ChatopsError) as error:
        formatted("a: 1\n? b\n: 2\n")
    assert "line 2" in error.value.message


def test_tabs_that_only_some_parsers_take() -> None:
    with pytest.raises(ChatopsError) as error:
        formatted("a: 1\nb: [1]\t\n")
    assert ("line 2" in error.value.message, "tabs" in error.value.hint) == (True, True)


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"])
def test_line_ends_that_nobody_sees(sign: str) -> None:
    with pytest.raises(ChatopsError) as error:
        formatted(f'a: 1\nb: "x{sign}y"\n')
    assert "line 2" in error.value.message


def comments(text: str) -> list[str]:
    return re.findall(r"# mark \d+", text)


keys = st.text("abz:#- '\"", min_size=1, max_size=5)
values = st.recursive(
    texts | st.booleans() | st.integers(-(10**9), 10**9) | st.none(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4),
    max_leaves=20,
)


def messed_up(text: str, chance: random.Random) -> str:
    """The text as somebody in a hurry leaves it; what it says stays."""
    factor = chance.choice([1, 1, 2, 3])
    lines: list[str] = []
    marks = 0
    literal = False
    for line in text.split("\n"):
        lead = len(line) - len(line.lstrip(" "))
        flow = line.count("{") + line.count("[") != line.count("}") + line.count("]")
        if literal or flow or not line.strip():
            lines.append(line)
            continue
        rest = line[lead:]
        if rest.startswith("- "):
            rest = "-" + " " * (2 * factor - 1) + rest[2:]
        made = " " * (lead * factor) + rest
        if chance.random() < 0.15 and '"' not in line and "|" not in line:
            made += f"  # mark {marks}"
            marks += 1
        made += " " * chance.choice([0, 0, 0, 1, 5])
        if chance.random() < 0.15:
            lines.append(" " * chance.randrange(9) + f"# mark {marks}")
            marks += 1
        if chance.random() < 0.1:
            lines += [" " * chance.randrange(4)] * chance.randrange(4)
        lines.append(made)
    end = chance.choice(["\n", "\r\n"])
    return chance.choice(["", "\ufeff", "\n\n"]) + end.join(lines) + end * chance.randrange(3)


def loaded(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        (Path(folder) / "people.csv").write_bytes((NORDLYS / "people.csv").read_bytes())
        return load(path).spec


BEFORE = loaded(COMPANY)


@quick
@given(st.integers(0, 2**32))
def test_the_example_in_a_mess(seed: int) -> None:
    text = messed_up(COMPANY, random.Random(seed))
    made = formatted(text)
    assert formatted(made) == made
    assert comments(made) == comments(text)
    assert loaded(made) == BEFORE
    assert re.findall(r"#[^\n]*", made.replace("#112", "")) == [
        c.rstrip() for c in re.findall(r"#[^\r\n]*", text)
    ]


@settings(deadline=None, max_examples=100, database=None)
@given(
    st.dictionaries(keys, values, min_size=1, max_size=4),
    st.sampled_from([1, 2, 4, 7]),
    st.sampled_from([None, True, False]),
    st.sampled_from([20, 80]),
    st.integers(0, 2**32),
)
@example({"a": [[["x"]]]}, 4, False, 20, 1)
def test_whatever_another_program_writes(
    data: dict[str, Any], indent: int, flow: bool | None, width: int, seed: int
) -> None:
    text = yaml.safe_dump(
        data, indent=indent, default_flow_style=flow, width=width, allow_unicode=True
    )
    chance = random.Random(seed)
    if re.search("[\x85\u2028\u2029]", text) or read_or_none(text) != data:
        # Some of what PyYAML folds it does not read back.
        return
    for version in (text, emit(data), emit(data, compact=False)):
        made = formatted(version)
        assert yaml.safe_load(made) == data
        assert formatted(made) == made
    lines = text.split("\n")
    del lines[-1]
    at = chance.randrange(len(lines) + 1)
    with_comment = "\n".join([*lines[:at], " " * chance.randrange(6) + "# mark 1", *lines[at:], ""])
    if read_or_none(with_comment) == data:
        made = formatted(with_comment)
        assert made.count("# mark 1") == with_comment.count("# mark 1")
        assert read(made) == data
        assert formatted(made) == made


def read_or_none(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/errors").rglob("*.yaml")), ids=lambda p: p.stem
)
def test_broken_files_whose_yaml_is_sound(path: Path) -> None:
    findings = Findings()
    text = path.read_bytes().decode("utf-8", "replace")
    root = compose(text, "", findings)
    if root is None or findings.errors:
        return
    made = formatted(text)
    assert formatted(made) == made

    def rules(content: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "c.yaml").write_text(content, encoding="utf-8", newline="")
            try:
                load(Path(folder) / "c.yaml")
            except SpecError as error:
                return [f.rule for f in error.findings]
            return []

    assert rules(made) == rules(text)
