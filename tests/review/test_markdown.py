"""A plan as a comment: what it shows, that it fits, and that nobody's text bends it."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatops.core.plan import ChangeView, FieldView, NoteKind, NoteView, PlanView
from chatops.errors import Finding, Place, Severity
from chatops.platforms.base import Action
from chatops.resources import Kind
from chatops.review.markdown import MOST, plan_markdown
from tests.cli.conftest import Place as Company


def change(name: str, action: Action = Action.CREATE, **more: object) -> ChangeView:
    return replace(ChangeView(action=action, kind=Kind.CHANNEL, name=name), **more)  # type: ignore[arg-type]


VIEW = PlanView(
    platform="mattermost",
    release="11.6.0",
    edition="team",
    url="https://chat.acme.example",
    environment="production",
    spec="company.yaml",
    changes=(
        change("eng/deploys", place="company.yaml:27"),
        change(
            "eng/ops",
            Action.UPDATE,
            fields=(FieldView(name="topic", old="on call: bob", new="on call: ann"),),
            place="teams/eng.yaml:33",
        ),
        change("eng/old", Action.REMOVE, word="archive"),
    ),
    notes=(
        NoteView(kind=NoteKind.UNMANAGED, message="on the server", key="channel:eng/random"),
        NoteView(kind=NoteKind.SERVER, message="240 of 250 people"),
    ),
    unchanged=41,
)


def test_what_it_looks_like() -> None:
    assert plan_markdown(VIEW) == (
        "<!-- chatops plan production -->\n\n"
        "### chatops: 1 to create, 1 to update, 1 to archive, 41 unchanged\n\n"
        "`mattermost 11.6.0 (team)` at `https://chat.acme.example`, environment `production`\n\n"
        "> Note: `240 of 250 people`\n\n"
        "**channel: 1 new, 1 changed, 1 taken away**\n\n"
        "```diff\n"
        "+ eng/deploys  (company.yaml:27)\n"
        '! eng/ops      topic: "on call: bob" → "on call: ann"  (teams/eng.yaml:33)\n'
        "- eng/old      archive\n"
        "```\n\n"
        "**on the server, not in the file: 1**\n\n"
        "```diff\n"
        "# channel eng/random  on the server\n"
        "```\n\n"
        f"<sub>plan `{VIEW.digest[:12]}`</sub>\n"
    )


def test_no_changes() -> None:
    text = plan_markdown(replace(VIEW, changes=(), notes=()))
    assert "### chatops: no changes: 41 things are as the file says\n" in text


def test_refusals_and_remarks_are_told() -> None:
    finding = Finding(
        severity=Severity.NOTE, place=Place("company.yaml", 3), path="smtp", message="is noted"
    )
    text = plan_markdown(replace(VIEW, refusals=("12 removals, 10 allowed", "x")), [finding])
    assert "> **Refused:** `12 removals, 10 allowed`\n>\n> **Refused:** `x`\n" in text
    assert "<details><summary>remarks on the file: 1 note</summary>" in text
    assert "company.yaml:3:1  note     smtp: is noted" in text


def test_long_lists_are_folded_and_too_long_ones_cut() -> None:
    some = plan_markdown(replace(VIEW, changes=tuple(change(f"t/c{i}") for i in range(30))))
    assert "<details><summary>channel: 30 new</summary>" in some
    assert "more: `chatops plan` shows all" not in some
    many = tuple(change(f"t/{'æ' * 60}-{i}", place="company.yaml:1") for i in range(5_000))
    people = tuple(replace(c, kind=Kind.USER, name=f"p{i}") for i, c in enumerate(many[:3]))
    text = plan_markdown(replace(VIEW, changes=(*many, *people)))
    assert len(text.encode()) <= MOST < 65_536
    assert "channel: 5000 new" in text
    assert re.search(r"and 4,\d00 more: `chatops plan` shows all", text)
    assert "+ p2" in text


ODD = st.lists(
    st.sampled_from([*"`~<>&@#![]()*_|\\\n\r\t \"'-:=", "@all", "</details>", "```", "\u202e"]),
    max_size=30,
).map("".join)
parser = MarkdownIt("gfm-like", {"linkify": False, "html": True})


@settings(deadline=None, max_examples=200, database=None)
@given(st.lists(ODD, min_size=7, max_size=7))
@example(["```\n</details>@everyone"] * 7)
@example(["`", "``", "```", "````", "", " ", "<!-- -->"])
@example(["@channel #1 closes #2 <img src=x onerror=alert(1)> [a](http://x)"] * 7)
def test_text_of_others_is_only_ever_code(odd: list[str]) -> None:
    note = NoteView(kind=NoteKind.UNMANAGED, message=odd[5], key=f"channel:{odd[5]}")
    view = replace(
        VIEW,
        release=odd[0],
        url=odd[1],
        environment=odd[2],
        changes=(change(odd[3], place=odd[4]), *VIEW.changes),
        notes=(note, NoteView(kind=NoteKind.SERVER, message=odd[6])),
        refusals=(odd[6],),
        only=(odd[3],),
    )
    finding = Finding(
        severity=Severity.NOTE, place=Place(odd[4], 3), path=odd[5], message=odd[6], hint=odd[0]
    )
    plain, html = [], []
    for token in parser.parse(plan_markdown(view, [finding])):
        if token.type == "html_block":
            html += token.content.split("\n")
        for inner in token.children or ():
            if inner.type in ("text", "html_inline"):
                (plain if inner.type == "text" else html).append(inner.content)
            else:
                assert inner.type in ("code_inline", "softbreak", "strong_open", "strong_close")
    words = re.compile(r"[\w ,:.*]*")
    assert [t for t in plain if not words.fullmatch(t)] == []
    known = re.compile(
        r"|</?sub>|</details>|<details><summary>[\w ,:]+</summary>|<!-- chatops plan [\w.-]* -->"
    )
    assert [t for t in html if not known.fullmatch(t)] == []


@pytest.mark.parametrize("verb", ["plan", "show"])
def test_on_the_command_line(place: Company, verb: str) -> None:
    saved = place.server("plan", "-o", "plan.json", "--quiet")
    assert saved.code == 0
    words = ("show", "plan.json") if verb == "show" else ("plan", "--server", place.sandbox.url)
    done = place.chatops(*words, "--markdown")
    assert done.code == 0
    digest = json.loads((place.folder / "plan.json").read_text())["digest"]
    assert done.out.startswith("<!-- chatops plan")
    assert f"<sub>plan `{digest[:12]}`</sub>\n" in done.out
    assert "+ crew/dispatch" in done.out
