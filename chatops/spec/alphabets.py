"""Letters that are taken for others: which they are, and what they look like."""

import unicodedata
from typing import Final

__all__ = ["latin", "named", "strangers"]

_LIKE: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝѵАВЕКМНОРСТУХІЈЅ"  # Cyrillic
    "οαινρυχκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # Greek
    "aeopcyxijshdqwvABEKMHOPCTYXIJSoaivpuxkABEZHIKMNOPTYX",
)
"""The letters of other alphabets that nobody tells from these (Unicode, confusables.txt)."""


def latin(text: str) -> str:
    """The text with the letters that it looks to be written with."""
    return text.translate(_LIKE)


def strangers(text: str) -> str:
    """The letters in it that only look like Latin ones."""
    return "".join(dict.fromkeys(c for c in text if ord(c) in _LIKE))


def named(sign: str) -> str:
    """A sign in words: U+043E, cyrillic small letter o."""
    name = unicodedata.name(sign, "").lower()
    return f"U+{ord(sign):04X}, {name}" if name else f"U+{ord(sign):04X}"
