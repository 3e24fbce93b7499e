"""Whatever a company can be: written, brought into form, shown whole, it is the same company."""

import tempfile
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any

from annotated_types import MaxLen, MinLen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from chatops.spec import load, models
from chatops.spec.emit import emit
from chatops.spec.formatting import formatted
from chatops.spec.resolved import resolve_company

quick = settings(
    deadline=None, max_examples=40, database=None, suppress_health_check=list(HealthCheck)
)

# What no file can hold, and what the language refuses wherever it stands.
REFUSED = "\x85\xad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u2060\ufeff"
characters = st.characters(
    codec="utf-8",
    min_codepoint=32,
    exclude_categories=("Cc", "Cs", "Cn", "Co", "Cf"),
    exclude_characters=REFUSED,
)
lines = st.text(characters, min_size=3, max_size=30)
texts = st.lists(lines, min_size=1, max_size=3).map("\n".join)
slugs = st.text("abcdefghijkmnopqrstuvwxyz0123456789-", min_size=3, max_size=20)
hosts = st.builds("{}.example".format, st.text("abcdef-", min_size=1, max_size=8))

VALUES: tuple[tuple[Any, st.SearchStrategy[Any]], ...] = (
    (models.Slug, slugs | st.sampled_from(["on", "no", "y", "null", "0123", "1e3", "22-22"])),
    (models.Email, st.builds("{}@{}".format, slugs, hosts)),
    (models.Url, st.builds("https://{}/{}".format, hosts, slugs)),
    (models.SecretReference, st.builds("{}:{}".format, st.sampled_from(["env", "vault"]), slugs)),
    (models.Size, st.sampled_from(["100MiB", "5GB", "1b", 4096])),
    (models.Address, st.sampled_from(["203.0.113.10", "2001:db8::10"])),
    (models.TimeZone, st.sampled_from(["Europe/Copenhagen", "UTC", "America/New_York"])),
    (models.ClockTime, st.sampled_from(["02:30", "23:59", "00:00"])),
    (models.Duration, st.sampled_from(["forever", "90d", "3y"])),
    (models.Colour, st.sampled_from(["#0a5", "#00aa55"])),
    (models.Hours, st.just({"monday-friday": "08:00-16:00", "saturday": "closed"})),
    (models.Removals, st.integers(0, 99) | st.sampled_from(["25%", "100%"])),
    (models.Line, lines),
    (models.Text, texts),
    (str, lines),
    (bool, st.booleans()),
    (int, st.integers(10, 60)),
)
FORMED = {
    "locale": st.sampled_from(["da", "pt-BR"]),
    "version": st.sampled_from(["11.7", "9", "8.3.1"]),
    "turn.url": st.just("turns:turn.acme.example:443"),
}


def value(hint: Any, field: Any) -> st.SearchStrategy[Any]:
    for known, strategy in VALUES:
        if hint == known:
            return strategy
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return value(args[0], field)
    if origin in (typing.Union, types.UnionType):
        return value(next(a for a in args if a is not types.NoneType), field)
    if origin is list:
        least = next((m.min_length for m in field.metadata if isinstance(m, MinLen)), 0)
        most = next((m.max_length for m in field.metadata if isinstance(m, MaxLen)), 3)
        return st.lists(value(args[0], field), min_size=least, max_size=min(most, least + 3))
    if origin is typing.Literal:
        return st.sampled_from(args)
    if issubclass(hint, Enum):
        return st.sampled_from([c.value for c in hint])
    return block(hint)


def block(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    hints = typing.get_type_hints(model, include_extras=True)
    needed: dict[str, st.SearchStrategy[Any]] = {}
    free: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        if name == "include":
            continue
        key = field.alias or name
        strategy = value(hints[name], field)
        if any(getattr(m, "pattern", None) for m in field.metadata):
            strategy = FORMED["turn.url" if key == "url" else key]
        if name == "min_length":
            strategy = st.integers(8, 64)
        (needed if field.is_required() else free)[key] = strategy
    return st.fixed_dictionaries(needed, optional=free)


def apart(node: Any, name: str = "") -> Any:
    """The same, with names that are each there once."""
    if isinstance(node, dict):
        return {key: apart(below, key) for key, below in node.items()}
    if not isinstance(node, list) or not all(isinstance(item, dict) for item in node):
        return node
    found = []
    for i, item in enumerate(node):
        item = apart(item)
        for key in ("username", "name", "trigger"):
            if key in item and item[key] and key != "title":
                item[key] = f"{item[key][:40].strip() or 'x'}{i}"
        if "email" in item:
            item["email"] = f"p{i}{item['email']}"
        found.append(item)
    return found


@quick
@given(block(models.Spec).map(apart), st.booleans())
def test_it_is_the_same_company(data: dict[str, Any], compact: bool) -> None:
    wanted = models.Spec.model_validate(data)

    def read(text: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "company.yaml"
            path.write_text(text, encoding="utf-8")
            return load(path)

    written = emit(data, compact=compact)
    loaded = read(written)
    assert loaded.spec == wanted
    assert formatted(written) == written
    assert read(resolve_company(loaded, {}).to_yaml()).spec == wanted
