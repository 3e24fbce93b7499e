"""What every platform must be able to do, easiest first: a story in company files.

A case is a list of chapters. Each chapter is a company file (`{t}` is a name that this run alone
uses); it is applied, planned again, and must then be empty. `requires` names cells of the support
table: a platform that says NO to one is not asked. `only` limits the chapter as `--only` would.
"""

from tests.contract.cases import integrations, live_chat, people, places, talk
from tests.contract.cases.settings import OTHERWISE, SETTINGS
from tests.contract.cases.story import Case, Chapter

__all__ = ["CASES", "OTHERWISE", "SETTINGS", "Case", "Chapter"]

CASES: tuple[Case, ...] = (
    *people.CASES,
    *places.CASES,
    *talk.CASES,
    *integrations.CASES,
    *live_chat.CASES,
)
"""All of them, easiest first."""
