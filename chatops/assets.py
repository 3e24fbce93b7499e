"""Where the files lie that are no Python: playbooks, templates, inventories.

In a wheel they are inside the package (`chatops/_data`); in a checkout they stand beside it.
"""

from functools import cache
from pathlib import Path
from typing import Final

import jinja2

from chatops.errors import InstallError

__all__ = ["folder", "playbook", "template"]

_PACKAGE: Final = Path(__file__).resolve().parent
FOLDERS: Final = ("playbooks", "templates", "inventories")


@cache
def _root() -> Path:
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if all((root / name).is_dir() for name in FOLDERS):
            return root
    raise InstallError(
        f"this installation of chatops is not whole: {', '.join(FOLDERS)} are missing",
        hint=f"install it again; looked in {_PACKAGE / '_data'} and {_PACKAGE.parent}",
    )


def folder(name: str) -> Path:
    """One of the folders `FOLDERS`."""
    return _root() / name


def playbook(name: str) -> Path:
    """A playbook by its file name, as `site.yml`. Raises InstallError."""
    path = folder("playbooks") / name
    if not path.is_file():
        raise InstallError(f"no playbook {name} in {path.parent}")
    return path


def template(name: str) -> jinja2.Template:
    """A template by its path below templates/. What the spec says only ever is a value in it."""
    return _environment().get_template(name)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder("templates")),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
