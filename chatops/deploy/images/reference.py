"""The name of an image, taken apart."""

import re
from dataclasses import dataclass, replace
from typing import Final

__all__ = ["DIGEST", "HOST", "Reference"]

HOST: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")
PATH: Final = re.compile(r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, order=True)
class Reference:
    """An image: `docker.io/library/postgres:17.6@sha256:…`.

    The grammar is the one of the OCI distribution specification, "Pulling manifests".
    """

    registry: str
    path: str
    tag: str
    digest: str = ""

    @classmethod
    def of(cls, repository: str, tag: str, digest: str = "") -> "Reference":
        """From `docker.io/library/postgres`: the registry is always said. Raises ValueError."""
        registry, slash, path = repository.partition("/")
        if not slash or not HOST.fullmatch(registry) or not ("." in registry or ":" in registry):
            raise ValueError("the registry comes first, as in docker.io/library/postgres")
        if not PATH.fullmatch(path):
            raise ValueError("not the name of a repository: small letters, digits, . _ - and /")
        if not TAG.fullmatch(tag):
            raise ValueError("not a tag: letters, digits and . _ -")
        if digest and not DIGEST.fullmatch(digest):
            raise ValueError("not a digest: sha256: and 64 hexadecimal digits")
        return cls(registry, path, tag, digest)

    @property
    def repository(self) -> str:
        """With the registry, without the tag."""
        return f"{self.registry}/{self.path}"

    @property
    def archive(self) -> str:
        """The name of a tar file that holds it, for places without a registry."""
        return f"{self.path.replace('/', '_')}_{self.tag}.tar"

    def at(self, registry: str) -> "Reference":
        """The same image on one's own registry: `registry.local:5000`, or with a path below it."""
        if not registry:
            return self
        host, _, below = registry.partition("/")
        return replace(self, registry=host, path=f"{below}/{self.path}" if below else self.path)

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}" + (f"@{self.digest}" if self.digest else "")
