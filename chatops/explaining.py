"""What a key of the company file is, for `chatops explain`: out of the language and the table."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chatops import support
from chatops.core.features import feature_of_key
from chatops.errors import UsageError
from chatops.spec.emit import emit
from chatops.spec.keys import nearest
from chatops.spec.language import About, every_key, example_of, key_meant, paths_by_words, words_of
from chatops.spec.other_words import OTHER_WORDS

__all__ = ["explained", "find", "overview", "plain"]

WIDTH: Final = 88


def find(word: str) -> About:
    """The key that is meant (`key_meant`). Raises UsageError with what is near."""
    found = key_meant(word)
    if found is None:
        asked = words_of(word)
        raise UsageError(f"no key is called `{asked}`", hint=_near(asked, paths_by_words()))
    return found


def _near(asked: str, known: Mapping[str, str]) -> str:
    """What was probably meant: a word of another tool, or a slip."""
    block, _, last = asked.rpartition(".")
    meant: dict[str, str] = {}
    for below, words in OTHER_WORDS.items():
        name, sentence = words.get(last.casefold(), ("", ""))
        above = block if below == "*" else words_of(below)
        key = f"{above}.{name}".strip(".")
        if name and key in known and (not block or above == block):
            meant.setdefault(key, sentence)
    if len(meant) == 1:
        [(key, sentence)] = meant.items()
        name = key.rpartition(".")[2]
        return f"{sentence or f'it is called `{name}` here'}: `chatops explain {key}`"
    if meant:
        return f"that may be {', '.join(f'`{key}`' for key in meant)}"
    near = nearest(asked, known)
    if near is None:
        lasts: dict[str, str] = {}
        for path in known:
            lasts.setdefault(path.rpartition(".")[2], path)
        end = nearest(last, lasts)
        near = lasts[end] if end else None
    return f"did you mean `{near}`?" if near else "`chatops explain` lists the top of the file"


def overview() -> str:
    """The keys at the top, a line each."""
    tops = [key for key in every_key().values() if "." not in key.path]
    return "\n".join(
        [
            "A company file, from its top; `chatops explain KEY` says more of each, and of what is",
            "below it, as `chatops explain teams.channels.posting`.",
            "",
            *_listed(tops),
        ]
    )


def explained(key: About, shown: Sequence[support.Column]) -> str:
    """Everything about a key, as text."""
    keys = every_key()
    about = (key.block.__doc__ or "").strip() if key.block else ""
    says = [key.what] if not about.startswith(key.what.rstrip(".")) else []
    lines = [key.path, *(line for text in (*says, about) for line in _wrapped(text, "  "))]
    lines += ["", *_row("type", key.takes.replace("`", ""))]
    lines += _row("without it", _default(key))
    example = example_of(key.path)
    if example is not None and (not key.below or len(emit({key.name: example})) < 400):
        shown_as = emit({key.name: example}).rstrip("\n").split("\n")
        lines += [f"  {'example' if i == 0 else '':<11} {line}" for i, line in enumerate(shown_as)]
    if key.below:
        lines += ["", "  keys below it:"]
        lines += _listed([keys[f"{key.inside}.{name}"] for name in key.below], "    ")
    return "\n".join([*lines, "", *_platforms(key, shown)])


def plain(key: About, shown: Sequence[support.Column]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "key": key.path,
        "what": key.what,
        "type": key.takes.replace("`", ""),
        "required": key.required,
        "default": key.default or None,
        "choices": list(key.choices),
        "example": example_of(key.path),
        "keys": list(key.below),
        "feature": feature_of_key(key.path),
        "platforms": support.table_json(shown, support.rows_of(key, shown)),
    }


def _default(key: About) -> str:
    if key.required:
        return "an error: it is required"
    if key.default and key.default != "[]":
        return key.default
    if key.default == "[]":
        return "none"
    if not support.features_of(key):
        return "nothing"
    return "not managed: what the server has stays"


def _platforms(key: About, shown: Sequence[support.Column]) -> list[str]:
    names = " and ".join(dict.fromkeys(column.platform for column in shown))
    rows = support.rows_of(key, shown)
    if not rows:
        return [f"  on the platforms: {support.HEEDED_BY_US}"]
    special = support.together(row for row in rows if not row.plain)
    if not special:
        return [f"  on the platforms: {names} hold it, in every edition"]
    told = support.told(shown, special).split("\n")
    lines = ["  on the platforms:"]
    for line in told:
        indent = "    " + line[: len(line) - len(line.lstrip())]
        lines += _wrapped(line.strip(), indent)
    if len(special) < len(rows):
        lines.append(f"    and the rest of it is held, by {names}, in every edition")
    return lines


def _listed(keys: Iterable[About], indent: str = "  ") -> list[str]:
    keys = list(keys)
    width = max(len(key.name) for key in keys)
    room = WIDTH - len(indent) - width - 2
    lines = []
    for key in keys:
        first, *more = textwrap.wrap(_sentence(key), room) or [""]
        lines.append(f"{indent}{key.name:<{width}}  {first}")
        lines += [f"{indent}{'':<{width}}  {line}" for line in more]
    return lines


def _sentence(key: About) -> str:
    return f"{key.what} (required)" if key.required else key.what


def _row(name: str, text: str) -> list[str]:
    first, *more = textwrap.wrap(text, WIDTH - 14) or [""]
    return [f"  {name:<11} {first}", *(f"  {'':<11} {line}" for line in more)]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )
