"""Chat with customers on the website.

Free editions have one department at most, archived ones counted, so that one case tells its whole
life. Of the hours there is one set on a server: the next chapter starts from what the last one
left.
"""

from tests.contract.cases.story import ARCHIVE, EXACT, PEOPLE, QUIET, Case, Chapter

__all__ = ["CASES"]


def department(**more: str) -> str:
    """The one department."""
    fields = {"name": "Support {t}"} | more
    listed = ", ".join(f"{k}: {v}" for k, v in fields.items())
    return f"live_chat:\n  departments:\n    - {{{listed}}}\n"


def hours(spans: str, zone: str = "Europe/Copenhagen") -> str:
    """Opening hours in a time zone."""
    company = f"company: {{name: Contract, timezone: {zone}}}\n"
    return company + QUIET + f"live_chat:\n  hours: {{{spans}}}\n"


CASES: tuple[Case, ...] = (
    Case(
        "a department, its people and its mailbox",
        "department",
        (
            Chapter(QUIET + PEOPLE + department(), words=("+ department Support",)),
            Chapter(
                QUIET
                + PEOPLE
                + department(agents="[ann-{t}, cat-{t}]", email="Help-{t}@contract.example"),
                words=("agents +2", "email:"),
            ),
            Chapter(QUIET + PEOPLE + department(agents="[ann-{t}]"), changes=False),
            Chapter(
                EXACT
                + PEOPLE
                + department(agents="[ann-{t}, ben-{t}]", description="'Who knows & helps'"),
                words=("agents +1", "−1", "description:"),
            ),
            Chapter(
                ARCHIVE + PEOPLE + "live_chat: {departments: []}\n",
                only=("department:*",),
                words=("- department Support", "archive"),
            ),
            Chapter(
                QUIET + PEOPLE + department(email="new-{t}@contract.example"),
                words=("active: no → yes", "email:"),
            ),
        ),
        ("department",),
    ),
    Case(
        "opening hours",
        "business-hours",
        (
            Chapter(hours("monday-friday: '08:15-16:00'"), words=("business-hours default",)),
            Chapter(
                hours("monday-thursday: '08:15-16:00', saturday: '10:00-24:00', sunday: closed"),
                words=("days:",),
            ),
            Chapter(hours("wednesday: '00:00-12:00'", "Asia/Tokyo"), words=("timezone:",)),
            Chapter(hours("monday-sunday: closed", "Asia/Tokyo"), words=("days:",)),
            Chapter(hours("tuesday: '09:00-17:00'", "Asia/Tokyo"), words=("days:",)),
        ),
        ("business-hours",),
    ),
)
