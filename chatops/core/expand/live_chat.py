"""Chat with customers on the company's website."""

from chatops.core.desired import Path
from chatops.core.expand.book import Book, given, squeezed
from chatops.resources import BusinessHours, Department, Kind
from chatops.spec.models import opening_hours

__all__ = ["expand_live_chat"]


def expand_live_chat(book: Book) -> None:
    """Who answers, and when."""
    chat = book.spec.live_chat
    if chat is None:
        return
    path: Path = ("live_chat",)
    if chat.departments is not None:
        book.sections.add(Kind.DEPARTMENT)
        for i, listed in enumerate(chat.departments):
            place = (*path, "departments", i)
            agents = listed.agents
            department = Department(
                name=str(squeezed(listed.name)),
                agents=given(None if agents is None else book.people(agents, (*place, "agents"))),
                email=given(listed.email.lower() if listed.email else None),
                description=squeezed(listed.description),
                active=True,
            )
            book.add(department, place, **{n: (*place, n) for n in listed.model_fields_set})
            if agents is not None and book.is_exact(None):
                book.exact.add(department.key)
    if chat.hours is not None:
        book.sections.add(Kind.BUSINESS_HOURS)
        place = (*path, "hours")
        hours = BusinessHours(
            days=tuple(f"{d} {start}-{end}" for d, start, end in opening_hours(chat.hours)),
            timezone=given(book.spec.company.timezone),
        )
        book.add(hours, place, days=place)
