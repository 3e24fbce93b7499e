"""Webhooks, commands, bots and emoji."""

from tests.contract.cases.story import Case

__all__ = ["CASES"]

CASES: tuple[Case, ...] = ()
