"""Where the files lie that a company file names: in its folder or below, on whatever way.

What is wrong in such a file is printed, piece by piece. Whoever proposes a change to a company must
not be shown by it what else lies on the machine that looks at the change.
"""

from pathlib import Path as FilePath
from typing import Final

from chatops.spec.text import quoted

__all__ = ["OUTSIDE_HINT", "astray", "is_outside", "not_relative"]

OUTSIDE_HINT: Final = "put it beside the company file, or into a folder below"


def not_relative(name: str) -> tuple[str, str] | None:
    """What to say of a name that is a whole path, and what to do; None for any other name."""
    if not FilePath(name).is_absolute():
        return None
    hint = "write it as it is reached from the folder of this file"
    return f"{quoted(name)} is not a relative path", hint


def is_outside(path: FilePath, folder: FilePath) -> bool:
    """Whether the file is somewhere else, also where `..` or a link leads there.

    Raises OSError, ValueError or RuntimeError where that cannot be told.
    """
    return not path.resolve().is_relative_to(folder.resolve())


def astray(name: str, beside: FilePath, folder: FilePath) -> tuple[str, str] | None:
    """What to say of a file that is not below `folder`, and what to do; None for one that is.

    The name is read from the folder `beside`.
    """
    found = not_relative(name)
    if found is not None:
        return found
    path = beside / name
    try:
        outside = is_outside(path, folder)
    except (OSError, ValueError, RuntimeError):
        return None  # no such file can be opened, and reading it says why
    return (f"{path} is not in the folder of the company file", OUTSIDE_HINT) if outside else None
