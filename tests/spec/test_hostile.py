"""Whatever is in the files: findings, never a crash; and text stays the text it is."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatops.core.expand import expand
from chatops.deploy.company import load_company
from chatops.errors import ChatopsError, SpecError
from chatops.resources import Channel, Team, User
from chatops.spec import Loaded, load
from chatops.spec.letters import unseen
from chatops.spec.text import findings_text

NORDLYS = Path(__file__).parents[2] / "examples" / "nordlys"
COMPANY = (NORDLYS / "company.yaml").read_text(encoding="utf-8")
PEOPLE = "username,name,email,teams,active\nkaren,Karen Vang,karen@nordlys.example,it,no\n"
HEAD = "version: 1\ncompany: {name: Acme}\nchat: {platform: mattermost}\n"

quick = settings(deadline=None, max_examples=75, database=None)


def judge(company: bytes, people: bytes = PEOPLE.encode()) -> Loaded | None:
    """Load and check as `chatops validate` does; None where something is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.yaml"
        path.write_bytes(company)
        (Path(folder) / "people.csv").write_bytes(people)
        try:
            return load_company(path).loaded
        except SpecError as error:
            text = findings_text(error.findings)
            assert error.findings
            assert "\x1b" not in text
            return None
        except ChatopsError as error:
            assert error.message
            return None


@quick
@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@example(b"\xef\xbb\xbf\xff")
@example(b"--- !<tag:yaml.org,2002:python/object/apply:os.getcwd> []")
@example(b"? ? ? a")
@example(b"%YAML 3.0\n---\n")
@example(b"a: &a\n  <<: *a\n")
@example(b"[" * 100_000)
@example(b"{a: " * 100_000)
@example(b"- " * 100_000)
@example(b"'" * 9_999)
@example(b"&a *a")
@example(b"1" * 100_000)
@example(b"0x" + b"f" * 100_000)
@example(b"1:" * 10_000 + b"1")
def test_any_bytes(data: bytes) -> None:
    judge(data)


@quick
@given(st.binary(max_size=400), st.sampled_from([b"", b"username,name\n", b"username;teams\r\n"]))
@example(b'"' * 10_001, b"username\n")
@example(b'a,"b\n' * 1_000, b"username,name\n")
@example(b"\r" * 1_000, b"username\n")
def test_any_bytes_of_people(data: bytes, head: bytes) -> None:
    judge(COMPANY.encode(), head + data)


SCRAPS = """
: |- |{|}|[|]|*a|&a |!!python/object:x.y |<<: |'|"|>|#|?|%|@|`|,|~|no|0123|22:22|2024-01-01|
---
|...
|<<<<<<< x
|\0|\x85|\u2028|æ|🚚|{{ x }}|users:
|- from: people.csv
|from: /dev/stdin
|group:management|everyone|\ufeff|\t|  |
"""
scraps = st.sampled_from([*SCRAPS.split("|"), "|"])


@quick
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(COMPANY)), st.integers(0, 60), st.one_of(scraps, st.text(max_size=8))
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_company_file_with_pieces_replaced(edits: list[tuple[int, int, str]]) -> None:
    text = COMPANY
    for at, length, scrap in edits:
        text = text[:at] + scrap + text[at + length :]
    judge(text.encode("utf-8", "surrogatepass"))


@quick
@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_a_company_file_with_lines_moved(random: Any, times: int) -> None:
    lines = COMPANY.splitlines(keepends=True)
    for _ in range(times):
        i, j = random.randrange(len(lines)), random.randrange(len(lines))
        lines[i], lines[j] = lines[j], random.choice([lines[i], "", lines[j].lstrip()])
    judge("".join(lines).encode())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "username", "from", "members", "channels", "<<", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@quick
@given(st.data(), values)
def test_a_company_file_with_a_value_of_another_kind(data: st.DataObject, value: Any) -> None:
    company = yaml.safe_load(COMPANY)
    node: Any = company
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        below = node[key]
        if not isinstance(below, dict | list) or not below or data.draw(st.booleans()):
            node[key] = value
            break
        node = below
    judge(yaml.safe_dump(company, allow_unicode=True).encode("utf-8", "surrogatepass"))


# --- text stays text ------------------------------------------------------------------------

TEMPLATES = [
    "{{ lookup('pipe', 'id') }}",
    "{% for x in y %}{{ x }}{% endfor %}",
    "{# remark #}",
    "$(reboot) `reboot` ${HOME} $HOME",
    "%(name)s {name} %s {0}",
    "<script>alert(1)</script>",
    "'; DROP TABLE users; --",
    "!!python/object/apply:os.system [id]",
    "env:HOME",
    "=cmd|' /C calc'!A0",
    "\\n \\u0041 &amp; <%= x %>",
    "no",
    "22:22",
    "~",
]
# Letters, signs and spaces, but nothing that the language refuses in a text.
words = st.one_of(
    st.sampled_from(TEMPLATES),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]), max_size=40),
).filter(lambda t: t.strip() != "" and "\ufffe" not in t and not unseen(t))
blocks = st.lists(words, min_size=1, max_size=4).map("\n".join)


@quick
@given(words, blocks, blocks, st.booleans())
def test_text_in_yaml_comes_through_unchanged(
    line: str, block: str, other: str, flow: bool
) -> None:
    data = {
        "version": 1,
        "company": {"name": line},
        "chat": {"platform": "mattermost"},
        "users": [{"username": "ida", "name": line, "title": line}],
        "teams": [
            {
                "name": "ops",
                "display_name": line,
                "description": block,
                "channels": [{"name": "news", "topic": block, "purpose": other}],
            }
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.yaml"
        text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow)
        path.write_text(text, encoding="utf-8", newline="")
        spec = load(path).spec
    team = spec.teams[0]
    assert (spec.company.name, team.display_name, team.description) == (line, line, block)
    assert (team.channels[0].topic, team.channels[0].purpose) == (block, other)
    assert (spec.users[0].name, spec.users[0].title) == (line, line)


@quick
@given(words, words, st.sampled_from([",", ";", "\t"]))
def test_text_in_csv_comes_through_unchanged(name: str, title: str, delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([["username", "name", "title"], ["ida", name.strip(), title.strip()]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.yaml"
        path.write_text(HEAD + "users:\n  - from: people.csv\n")
        (Path(folder) / "people.csv").write_text(out.getvalue(), encoding="utf-8", newline="")
        person = load(path).spec.users[0]
    assert (person.name, person.title) == (name.strip(), title.strip())


def test_template_text_arrives_at_the_resources() -> None:
    for text in TEMPLATES:
        channel_data = {"name": "news", "topic": text, "purpose": text}
        data = {
            "version": 1,
            "company": {"name": "Acme"},
            "chat": {"platform": "mattermost"},
            "users": [
                {"username": "ida", "email": "ida@acme.example", "name": text, "title": text}
            ],
            "teams": [{"name": "ops", "description": text, "channels": [channel_data]}],
        }
        loaded = judge(yaml.safe_dump(data).encode())
        assert loaded is not None
        found = expand(loaded.spec).resources
        user = next(r for r in found if isinstance(r, User))
        team = next(r for r in found if isinstance(r, Team))
        channel = next(r for r in found if isinstance(r, Channel))
        assert {user.name, user.title, team.description, channel.topic, channel.purpose} == {text}
