"""The plain text of the vault, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.fingerprints import Fingerprints
from chatops.resources import Key, Kind
from chatops.secrets import Secret
from chatops.vault.contents import Contents, Entry, Malformed, Origin, Shape, parse, write

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
NAMES = st.from_regex(r"[A-Za-z0-9_.][A-Za-z0-9_./@-]{0,20}", fullmatch=True)
ENTRIES = st.builds(
    Entry,
    value=TEXT.map(Secret),
    origin=st.sampled_from(Origin),
    shape=st.none() | st.sampled_from(Shape),
    changed=st.just("2025-01-31T10:00:00Z"),
    previous=st.none() | TEXT.map(Secret),
    about=st.dictionaries(NAMES, TEXT, max_size=2),
)
SHELVES = st.dictionaries(NAMES, ENTRIES, min_size=1, max_size=3)


@settings(deadline=None)
@given(
    st.builds(
        Contents,
        shared=SHELVES,
        environments=st.dictionaries(NAMES, SHELVES, max_size=2),
        fingerprint_key=TEXT.map(Secret),
        marks=st.dictionaries(NAMES, st.dictionaries(NAMES, TEXT, min_size=1), max_size=2),
    )
)
def test_what_is_written_is_read_back(contents: Contents) -> None:
    text = write(contents)
    assert parse(text) == contents
    assert write(parse(text)) == text


def test_the_environments_own_wins() -> None:
    contents = parse("shared: {a: one, b: two}\nenvironments: {prod: {a: three}}\n")

    def seen(environment: str, name: str) -> str | None:
        entry = contents.entry(environment, name)
        return entry.value.reveal() if entry else None

    assert [seen("prod", "a"), seen("prod", "b"), seen("test", "a"), seen("prod", "c")] == [
        "three",
        "two",
        "one",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("shared: [", "line 2 of its plain text is not YAML"),
        ("- a\n", "the plain text: keys and values are wanted there"),
        ("sharde: {}\n", "the plain text: no key is named `sharde`"),
        ("version: 2\n", "it was written by a newer chatops"),
        ("shared: {'a b': x}\n", "shared.a b: a name is made of letters, digits and . _ / @ -"),
        ("shared: {pin: 1234}\n", "shared.pin: keys and values are wanted there"),
        ("shared: {pin: {value: 1234}}\n", "shared.pin.value: text is wanted there; quote it"),
        ("shared: {pin: {valeu: x}}\n", "shared.pin: no key is named `valeu`"),
        (
            "environments: {prod: {a: {value: x, origin: moon}}}\n",
            "environments.prod.a: `origin` or `shape` is none that chatops knows",
        ),
        ("shared: {a: !!python/name:os.system x}\n", "line 1 of its plain text is not YAML"),
    ],
)
def test_what_is_not_understood_is_told_without_its_value(text: str, why: str) -> None:
    with pytest.raises(Malformed) as told:
        parse(text)
    assert str(told.value) == why


SMTP = Key(Kind.SETTING, "smtp.password")


def test_a_fingerprint_tells_same_from_other_and_from_never_noted() -> None:
    prints = Fingerprints(environment="prod", secret=Secret("key"))
    known = Fingerprints(
        environment="prod",
        secret=Secret("key"),
        marks={"setting:smtp.password/value": prints.mark(SMTP, "value", Secret("old"))},
    )
    assert known.same(SMTP, "value", Secret("old")) is True
    assert known.same(SMTP, "value", "new") is False
    assert known.same(SMTP, "other", "old") is None
    assert known.same(Key(Kind.SETTING, "SMTP.password"), "value", b"old") is True


def test_a_fingerprint_is_of_one_place_in_one_environment_under_one_key() -> None:
    here = Fingerprints(environment="prod", secret=Secret("key"))
    marks = {
        here.mark(SMTP, "value", "x"),
        here.mark(SMTP, "valu", "ex"),
        here.mark(Key(Kind.SETTING, "smtp"), "value", "x"),
        Fingerprints(environment="test", secret=Secret("key")).mark(SMTP, "value", "x"),
        Fingerprints(environment="prod", secret=Secret("other")).mark(SMTP, "value", "x"),
    }
    assert len(marks) == 5
