"""What the language says about keys that it does not have."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chatops.errors import SpecError
from chatops.spec import load
from chatops.spec.keys import OTHER_WORDS, is_secret, known_keys, nearest, unknown_key_hint
from chatops.spec.models import LATER


def _with(path: str) -> Any:
    """A company in which something stands at the path: teams[].channels[].posting."""
    key, _, rest = path.partition(".")
    inner: Any = _with(rest) if rest else 1
    return {key.removesuffix("[]"): [{"name": "x"} | inner] if key.endswith("[]") else inner}


@pytest.mark.parametrize("path", sorted(LATER.keys() - {"include"}))
def test_keys_of_the_language_that_wait(path: str, tmp_path: Path) -> None:
    company: dict[str, Any] = {"version": 1, "company": {"name": "Acme"}}
    company |= {"chat": {"platform": "mattermost"}} | _with(path)
    (tmp_path / "company.yaml").write_text(yaml.safe_dump(company))
    with pytest.raises(SpecError) as error:
        load(tmp_path / "company.yaml")
    key = path.rpartition(".")[2]
    assert [(f.rule, f.message, f.hint) for f in error.value.findings] == [
        (
            "not-built",
            f"`{key}` is part of the language but not built yet ({LATER[path]})",
            "take it out for now",
        )
    ]


WORDS = [(b, w, key) for b, words in OTHER_WORDS.items() for w, (key, _) in words.items()]


@pytest.mark.parametrize(("block", "word", "key"), [w for w in WORDS if w[0] != "*"])
def test_words_of_others_lead_to_a_key(block: str, word: str, key: str) -> None:
    known = known_keys(block)
    assert word not in known
    assert key == "" or key in known or f"{block}.{key}" in LATER
    hint = unknown_key_hint(block, word)
    assert hint == (OTHER_WORDS[block][word][1] or f"it is called `{key}` here")


@pytest.mark.parametrize(
    ("block", "word", "hint"),
    [
        ("teams[].channels[]", "headr", "Mattermost's header is called `topic` here"),
        ("teams[].channels[]", "Topic", "did you mean `topic`?"),
        ("teams[].channels[]", "display-name", "did you mean `display_name`?"),
        ("", "channel", "`channels` belongs under `teams`"),
        ("policy", "description", "`description` belongs under `teams`"),
        ("sign_in", "email_domain", "did you mean `email_domains`?"),
        ("", "username", "`username` belongs under `smtp` or under `users`"),
        ("smtp", "platform", "`platform` belongs under `chat`"),
    ],
)
def test_hints(block: str, word: str, hint: str) -> None:
    assert unknown_key_hint(block, word) == hint


def test_the_nearest_word() -> None:
    assert nearest("IDA", ["bo", "ida"]) == "ida"
    assert nearest("on_call", ["on-call"]) == "on-call"
    assert nearest("wholly-different", ["bo", "ida"]) is None


def test_values_of_secrets_are_known_by_their_key() -> None:
    assert [k for k in ("password", "access_key", "secret_key") if is_secret(k)] == [
        "password",
        "access_key",
        "secret_key",
    ]
    assert not any(is_secret(k) for k in ("username", "host", "bucket", "topic"))
