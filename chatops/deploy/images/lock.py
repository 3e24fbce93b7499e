"""The lock file: `chatops.lock` beside the company file, or the one that came with chatops.

It says for each image the repository, the tag, the digest of what the tag stood for when it was
looked at, and per platform the digests of its manifest and of its configuration; the latter is
what Docker calls the image's id, and all that is left of it in a tar file.
"""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from chatops.deploy.images.reference import DIGEST, Reference
from chatops.errors import Finding, Place, SpecError
from chatops.spec.files import Findings, read_text
from chatops.spec.nodes import Mapping, Node, Scalar, SourceMap
from chatops.spec.source import compose

__all__ = ["FILE", "Lock", "Locked", "Platform", "packaged", "read", "text"]

FILE: Final = "chatops.lock"
_HEAD: Final = """\
# Which images run, each by tag and digest: written by `chatops lock`, to be committed.
# To move to a newer one, change its tag, or `chat.version` in the company file, and run
# `chatops lock` again.
"""
_PLAIN: Final = (
    "# Tags only: no digest is known yet; `chatops lock` asks the registries for them.\n"
)


class WrongLockError(SpecError):
    """The lock file is wrong; carries all findings."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.message = self.message.replace("the company file", file)
        self.args = (self.message,)


@dataclass(frozen=True, order=True, kw_only=True)
class Platform:
    """One platform of an image, as `linux/amd64`; `config` is the image's id in Docker."""

    name: str
    manifest: str
    config: str


@dataclass(frozen=True, kw_only=True)
class Locked:
    """An image of the lock. Without a `digest` it is whatever the tag stands for that day."""

    image: Reference
    platforms: tuple[Platform, ...] = ()

    @property
    def tag(self) -> str:
        """The version, as the product calls it."""
        return self.image.tag


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock file, read: `own` is what it says, `images` that over what came with chatops.

    `file` is empty where there is none.
    """

    images: AnyMapping[str, Locked] = field(default_factory=dict)
    own: AnyMapping[str, Locked] = field(default_factory=dict)
    file: str = ""

    @property
    def unpinned(self) -> tuple[str, ...]:
        """The names of images without a digest."""
        return tuple(sorted(n for n, locked in self.images.items() if not locked.image.digest))


@cache
def packaged() -> Lock:
    """The lock that came with chatops: good tags, and no digests."""
    source = resources.files("chatops.deploy.images").joinpath("packaged.lock")
    lock = _parsed(source.read_text(encoding="utf-8"), "packaged.lock")
    return Lock(images=lock.images)


def read(path: Path) -> Lock:
    """The lock at this place over the packaged one; that alone if there is no file.

    Raises WrongLockError with all findings.
    """
    findings = Findings()
    try:
        found = read_text(path, str(path), findings)
    except FileNotFoundError:
        return packaged()
    except (OSError, ValueError) as error:
        place = Place(str(path), 1)
        findings.error("lock", place, "", f"cannot be read: {error}")
        found = None
    if found is None:
        raise WrongLockError(str(path), list(findings))
    own = _parsed(found, str(path))
    return Lock(images={**packaged().images, **own.images}, own=own.images, file=str(path))


def text(images: AnyMapping[str, Locked]) -> str:
    """A lock file that holds these, the same to the byte each time."""
    pinned = any(locked.image.digest for locked in images.values())
    lines = [
        _HEAD if pinned else _HEAD + _PLAIN,
        "version: 1\nimages:\n" if images else "version: 1\nimages: {}\n",
    ]
    for name, locked in sorted(images.items()):
        image = locked.image
        lines.append(f'  {name}:\n    repository: {image.repository}\n    tag: "{image.tag}"\n')
        if image.digest:
            lines.append(f"    digest: {image.digest}\n")
        if locked.platforms:
            lines.append("    platforms:\n")
        for platform in sorted(locked.platforms):
            lines.append(f"      {platform.name}:\n        manifest: {platform.manifest}\n")
            lines.append(f"        config: {platform.config}\n")
    return "".join(lines)


def _parsed(source: str, file: str) -> Lock:
    findings = Findings()
    root = compose(source, file, findings)
    images: dict[str, Locked] = {}
    if root is not None:
        images = _Reader(file, root, findings).images()
    if findings.errors:
        raise WrongLockError(file, sorted(findings, key=lambda f: f.place))
    return Lock(images=images, file=file)


class _Reader:
    def __init__(self, file: str, root: Node, findings: Findings) -> None:
        self.places = SourceMap(file, root)
        self.findings = findings

    def images(self) -> dict[str, Locked]:
        if self._text(("version",)) != "1":
            self._error(("version",), "`version: 1` is wanted: the version of this format")
        for name in self._block((), ("version", "images")):
            if name == "images":
                break
        else:
            self._error((), "`images` is missing")
        found = {}
        for name in self._block(("images",), None):
            locked = self._image(("images", name))
            if locked is not None:
                found[name] = locked
        return found

    def _image(self, path: tuple[str, ...]) -> Locked | None:
        if not self._block(path, ("repository", "tag", "digest", "platforms")):
            return None
        try:
            image = Reference.of(
                self._text((*path, "repository")),
                self._text((*path, "tag")),
                self._text((*path, "digest")),
            )
        except ValueError as error:
            self._error(path, str(error))
            return None
        platforms = []
        for name in self._block((*path, "platforms"), None):
            below = (*path, "platforms", name)
            self._block(below, ("manifest", "config"))
            manifest, config = self._text((*below, "manifest")), self._text((*below, "config"))
            if not DIGEST.fullmatch(manifest) or not DIGEST.fullmatch(config):
                self._error(below, "`manifest` and `config` are digests: sha256: and 64 digits")
                continue
            platforms.append(Platform(name=name, manifest=manifest, config=config))
        return Locked(image=image, platforms=tuple(sorted(platforms)))

    def _block(self, path: tuple[str, ...], known: tuple[str, ...] | None) -> list[str]:
        node = self.places.node(path)
        if node is None or node.broken:
            return []
        if not isinstance(node, Mapping):
            self._error(path, "keys and values are wanted here")
            return []
        if known is not None:
            for key in node.pairs:
                if key not in known:
                    self._error((*path, key), f"unknown key; there is {', '.join(known)}")
        return list(node.pairs)

    def _text(self, path: tuple[str, ...]) -> str:
        node = self.places.node(path)
        if node is None or node.broken:
            return ""
        if not isinstance(node, Scalar):
            self._error(path, "one value is wanted here")
            return ""
        # As it is written: a tag `8.0` is no number.
        return node.text

    def _error(self, path: tuple[str, ...], message: str) -> None:
        hint = "`chatops lock` writes this file"
        self.findings.error("lock", self.places.place(path), self.places.text(path), message, hint)
