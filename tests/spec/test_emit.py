"""What we write reads back as it was, for every reader of YAML."""

import io
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from chatops.spec.emit import Remarks, emit
from chatops.spec.files import Findings
from chatops.spec.source import compose

TRAPS = [
    *("on", "off", "yes", "no", "y", "n", "Y", "N", "true", "null", "~", "22:22", "02:30", "0123"),
    *("0o17", "0x1f", "1e3", "1_000", ".5", ".inf", "+1", "2024-01-01", "=", "<<", "-", "?", ":"),
    *("#", "&", "*", "!", "|", ">", "'", '"', "%", "@", "`", "{a", "[a", "a:", "a,", "NaN", "1.0"),
]
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=20
) | st.sampled_from(
    [
        *TRAPS,
        "a#b",
        "a:b",
        "0?",
        "a: b",
        "a #b",
        " a",
        "a ",
        "a\nb",
        "a\n\n b\n",
        "\n",
        "",
        "a\\b",
        "🚚",
    ]
)
values = st.recursive(
    texts | st.booleans() | st.integers(-(10**9), 10**9) | st.none(),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(texts, below, min_size=1, max_size=4)
    ),
    max_leaves=20,
)
quick = settings(deadline=None, max_examples=200, database=None)


def readings(text: str) -> list[Any]:
    """The text as we, as PyYAML (1.1) and as ruamel (1.2) take it."""
    findings = Findings()
    root = compose(text, "x.yaml", findings)
    assert root is not None, [f.message for f in findings]
    modern = YAML(typ="safe", pure=True)
    modern.version = (1, 2)  # type: ignore[assignment]
    return [root.plain(), yaml.safe_load(text), modern.load(io.StringIO(text))]


@quick
@given(st.dictionaries(texts, values, min_size=1, max_size=5), st.booleans())
@example({"a": TRAPS}, True)
@example({t: t for t in TRAPS}, True)
@example({"a": [{"b": "x" * 120, "c": ["y"] * 50}]}, True)
@example({"a": [[], {"b": []}, [[1]]]}, False)
@example({"a": "\x85\u2028\u202e\ufeff\x7f"}, False)
def test_reads_back(data: dict[str, Any], compact: bool) -> None:
    text = emit(data, compact=compact)
    assert readings(text) == [data] * 3
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text.endswith("\n")


def test_looks_as_people_write_it() -> None:
    data = {
        "version": 1,
        "company": {"name": "Acme", "domain": "acme.example"},
        "users": [{"username": "ida", "roles": ["admin"]}, {"from": "people.csv"}],
        "teams": [
            {"name": "ops", "topic": "On duty: 112", "channels": [{"name": "a"}, {"name": "b"}]},
            {"name": "it", "open": True, "hours": "22:22", "description": "one\ntwo\n"},
        ],
    }
    remarks = Remarks(
        head="Acme.\n\nKeep it tidy.",
        above={("users",): "People.", ("teams", 1): "The second."},
        behind={("company", "name"): "the title", ("company", "domain"): "of mails"},
        foot="The end.",
    )
    assert emit(data, remarks) == (
        "# Acme.\n\n# Keep it tidy.\n\n"
        "version: 1\n\n"
        "company:\n"
        "  name: Acme            # the title\n"
        "  domain: acme.example  # of mails\n\n"
        "# People.\n"
        "users:\n"
        "  - {username: ida, roles: [admin]}\n"
        "  - from: people.csv\n\n"
        "teams:\n"
        "  - name: ops\n"
        '    topic: "On duty: 112"\n'
        "    channels:\n"
        "      - name: a\n"
        "      - name: b\n\n"
        "  # The second.\n"
        "  - name: it\n"
        "    open: true\n"
        '    hours: "22:22"\n'
        "    description: |\n"
        "      one\n"
        "      two\n\n"
        "# The end.\n"
    )


@pytest.mark.parametrize("word", TRAPS[:20])
def test_traps_are_quoted_everywhere(word: str) -> None:
    assert emit({"a": word, "b": [word], word: {"c": word}}).count(f'"{word}"') == 4


def test_a_comment_stays_a_comment() -> None:
    odd = "a\x85b: 1\u2028c: 2\rd: 3\x1b\nnext"
    text = emit({"x": {"y": 1}}, Remarks(head=odd, above={("x",): odd}, behind={("x", "y"): odd}))
    assert readings(text) == [{"x": {"y": 1}}] * 3
    assert text.isprintable() or text.replace("\n", "").isprintable()
