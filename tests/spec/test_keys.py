"""What the language says about keys that it does not have."""

import pytest

from chatops.spec.keys import is_secret, known_keys, nearest, unknown_key_hint
from chatops.spec.other_words import OTHER_WORDS

WORDS = [(b, w, key) for b, words in OTHER_WORDS.items() for w, (key, _) in words.items()]


@pytest.mark.parametrize(("block", "word", "key"), [w for w in WORDS if w[0] != "*"])
def test_words_of_others_lead_to_a_key(block: str, word: str, key: str) -> None:
    known = known_keys(block)
    assert word not in known
    assert key == "" or key in known
    hint = unknown_key_hint(block, word)
    assert hint == (OTHER_WORDS[block][word][1] or f"it is called `{key}` here")


@pytest.mark.parametrize(
    ("block", "word", "hint"),
    [
        ("teams[].channels[]", "headr", "Mattermost's header is called `topic` here"),
        ("teams[].channels[]", "Topic", "did you mean `topic`?"),
        ("teams[].channels[]", "display-name", "did you mean `display_name`?"),
        ("", "channel", "channels are listed under their team: `teams[].channels`"),
        ("policy", "visibility", "`visibility` belongs under `teams`"),
        ("sign_in", "email_domain", "did you mean `email_domains`?"),
        ("", "email_domains", "`email_domains` belongs under `sign_in`"),
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
