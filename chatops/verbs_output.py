"""What the verb `output` does: read again what things give to the outside, and print it."""

from collections.abc import Sequence
from difflib import get_close_matches

from chatops.deploy.outputs import Given, collect
from chatops.errors import ChatopsError, UsageError
from chatops.opening import Options, look_now, open_company, shelf
from chatops.resources import key_matches
from chatops.review.lines import clean
from chatops.secrets import HIDDEN, Secret
from chatops.ui import Ui

__all__ = ["output"]


def output(ui: Ui, options: Options, wanted: str | None, *, reveal: bool) -> None:
    """Print one value, or list them all."""
    company, environment = open_company(options)
    looked = look_now(ui, company, environment)
    found = collect(looked, shelf(company, environment))
    if wanted is not None:
        one = _one(found, wanted)
        if one is not None:
            _print(ui, one)
            return
        found = _those(found, wanted)
    _list(ui, found, reveal=reveal)


def _one(found: Sequence[Given], wanted: str) -> Given | None:
    """The output that is named as KEY.NAME."""
    folded = wanted.casefold()
    names = {f"{g.of}.{g.name}".casefold(): g for g in found if g.name}
    absent = (g for g in found if not g.name and folded.startswith(f"{g.of}.".casefold()))
    return names.get(folded) or next(absent, None)


def _those(found: Sequence[Given], wanted: str) -> tuple[Given, ...]:
    """The outputs of the things that are named."""
    folded = wanted.casefold()
    those = tuple(g for g in found if folded == g.of.casefold() or key_matches(wanted, g.key))
    if those:
        return those
    known = [g.of for g in found] + [f"{g.of}.{g.name}" for g in found if g.name]
    near = get_close_matches(wanted, known, 1, 0.5)
    names = ", ".join(dict.fromkeys(g.of for g in found))
    raise UsageError(
        f"no output is named {wanted}",
        hint=f"did you mean `{near[0]}`?"
        if near
        else (f"there are: {names}" if names else "only webhooks, commands, bots and live chat do"),
    )


def _print(ui: Ui, given: Given) -> None:
    if given.output is None:
        raise ChatopsError(f"{given.of} {given.name}".rstrip() + f": {given.lacking}")
    value = given.output.value
    text = value.reveal() if isinstance(value, Secret) else value
    ui.reveal_all(_json(given, reveal=True), text)


def _list(ui: Ui, found: Sequence[Given], *, reveal: bool) -> None:
    rows = [(g.of, g.name, _shown(g, reveal=reveal)) for g in found]
    first, second = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
    lines = [clean(f"{of:<{first}}  {name:<{second}}  {text}".rstrip()) for of, name, text in rows]
    body = [_json(g, reveal=reveal) for g in found]
    if reveal:
        ui.reveal_all(body, "\n".join(lines) or "nothing in the file gives anything")
    else:
        ui.data(body, "\n".join(lines) or "nothing in the file gives anything")
    if not reveal and any(g.secret and g.output is not None for g in found):
        ui.say("secrets are hidden: --reveal shows them, `chatops output KEY.NAME` prints one")


def _shown(given: Given, *, reveal: bool) -> str:
    if given.output is None:
        return f"— {given.lacking}"
    value = given.output.value
    if isinstance(value, Secret):
        return value.reveal() if reveal else HIDDEN
    lines = value.count("\n") + 1
    if lines > 1:
        return f"{lines} lines: `chatops output {given.of}.{given.name}`"
    return value


def _json(given: Given, *, reveal: bool) -> dict[str, object]:
    value = given.output.value if given.output is not None else None
    if isinstance(value, Secret):
        value = value.reveal() if reveal else None
    return {
        "key": given.of,
        "name": given.name,
        "secret": given.secret,
        "value": value,
        "lacking": given.lacking,
    }
