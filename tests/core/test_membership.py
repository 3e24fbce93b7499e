from hypothesis import given
from hypothesis import strategies as st

from chatops.core.membership import effective

NAMES = st.frozensets(st.sampled_from(["ann", "ben", "cat", "dan", "eva", "me"]))


def test_additive_lets_strangers_stay() -> None:
    got = effective({"ann"}, {"ben"}, exact=False, inactive=set(), me="me")
    assert got == {"ann", "ben"}


def test_exact_takes_strangers_out() -> None:
    got = effective({"ann"}, {"ben", "ann"}, exact=True, inactive=set(), me="me")
    assert got == {"ann"}


def test_exact_neither_adds_nor_removes_the_inactive_and_the_account_that_runs() -> None:
    got = effective({"ann", "old"}, {"me", "gone"}, exact=True, inactive={"old", "gone"}, me="me")
    assert got == {"ann", "me", "gone"}


@given(NAMES, NAMES, NAMES, st.booleans())
def test_settles_after_one_run(want, have, inactive, exact) -> None:
    once = effective(want, have, exact=exact, inactive=inactive, me="me")
    assert effective(want, once, exact=exact, inactive=inactive, me="me") == once


@given(NAMES, NAMES, NAMES)
def test_additive_never_removes(want, have, inactive) -> None:
    assert effective(want, have, exact=False, inactive=inactive, me="me") >= have
