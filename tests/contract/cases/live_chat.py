"""Chat with customers on the website."""

from tests.contract.cases.story import Case

__all__ = ["CASES"]

CASES: tuple[Case, ...] = ()
