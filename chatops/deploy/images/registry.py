"""A registry of images, asked over its HTTP interface (OCI distribution specification, v1.1).

Anybody may read public images, but with a token that the registry's own server gives to anybody;
where it wants a name and a password, they come from CHATOPS_REGISTRY_USERNAME and _PASSWORD.
"""

import base64
import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from chatops.deploy.images.lock import Locked, Platform
from chatops.deploy.images.reference import DIGEST, Reference
from chatops.errors import ApiError, ChatopsError, CredentialError, UnreachableError
from chatops.platforms.base import Network
from chatops.platforms.http import Http
from chatops.secrets import Secret

__all__ = ["PLATFORMS", "Registries"]

PLATFORMS: Final = ("linux/amd64", "linux/arm64")
"""What is written down of an image that is made for several."""

_INDEXES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_HUB: Final = "docker.io"
_HUB_AT: Final = "registry-1.docker.io"
"""Where Docker Hub answers; its name in references has no server."""
_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')
_NEXT: Final = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')
MOST_PAGES: Final = 200


class _Unauthorized(ApiError):
    """It wants a token, and says where one is to be had."""

    def __init__(self, challenge: str) -> None:
        super().__init__("unauthorized", status=401, code="UNAUTHORIZED")
        self.challenge = challenge


@dataclass(frozen=True, kw_only=True)
class _Answer:
    kind: str
    digest: str
    body: dict[str, Any]


class Registries:
    """Registries, each reached when it is first asked. `own`: in place of all public ones."""

    def __init__(self, network: Network, *, own: str = "", insecure: bool = False) -> None:
        self._network = network
        self._own = own
        self._insecure = insecure
        self._there: dict[str, Http] = {}
        self._tokens: dict[str, str] = {}

    def locked(self, image: Reference) -> Locked:
        """What a tag stands for now, with its digests. Raises ChatopsError."""
        at = image.at(self._own)
        answer = self._manifest(at, at.tag)
        if answer.kind in _INDEXES:
            platforms = self._platforms(at, answer.body)
        else:
            platforms = (self._single(at, answer),)
        return Locked(image=replace(image, digest=answer.digest), platforms=platforms)

    def tags(self, image: Reference) -> tuple[str, ...]:
        """All tags of its repository. Raises ChatopsError."""
        at = image.at(self._own)
        found: list[str] = []
        asked = {"n": "1000"}
        for _ in range(MOST_PAGES):
            answer = self._call(at, f"/v2/{at.path}/tags/list", params=asked)
            found += [t for t in answer.json().get("tags") or [] if isinstance(t, str)]
            more = _NEXT.search(answer.headers.get("Link", ""))
            if more is None:
                break
            # Only its query: the next page is asked of the same registry.
            asked = {k: v[0] for k, v in parse_qs(urlsplit(more[1]).query).items()}
        return tuple(found)

    def _platforms(self, at: Reference, index: dict[str, Any]) -> tuple[Platform, ...]:
        found: list[Platform] = []
        for entry in index.get("manifests") or []:
            platform = entry.get("platform") or {}
            name = f"{platform.get('os')}/{platform.get('architecture')}"
            if name not in PLATFORMS or any(p.name == name for p in found):
                continue
            manifest = self._manifest(at, str(entry.get("digest")))
            found.append(self._platform(name, manifest, at))
        if not found:
            raise ChatopsError(f"{at} is made for none of {', '.join(PLATFORMS)}")
        return tuple(sorted(found))

    def _single(self, at: Reference, manifest: _Answer) -> Platform:
        """An image for one platform says in its configuration for which."""
        platform = self._platform("", manifest, at)
        try:
            about = self._call(at, f"/v2/{at.path}/blobs/{platform.config}").json()
        except UnreachableError:
            # Kept with a stranger, to whom we are sent on; what is for one platform only is,
            # from every vendor of ours, for this one.
            about = {}
        name = f"{about.get('os', 'linux')}/{about.get('architecture', 'amd64')}"
        return replace(platform, name=name)

    def _platform(self, name: str, manifest: _Answer, at: Reference) -> Platform:
        config = str((manifest.body.get("config") or {}).get("digest"))
        if manifest.kind not in _MANIFESTS or not DIGEST.fullmatch(config):
            raise ChatopsError(f"{at}: the registry's manifest is of a kind that is not known here")
        return Platform(name=name, manifest=manifest.digest, config=config)

    def _manifest(self, at: Reference, what: str) -> _Answer:
        accept = ", ".join((*_INDEXES, *_MANIFESTS))
        answer = self._call(at, f"/v2/{at.path}/manifests/{what}", headers={"Accept": accept})
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        said = answer.headers.get("Docker-Content-Digest", digest)
        if said != digest or (what.startswith("sha256:") and what != digest):
            # What arrived is not what the registry, or its index, says it is.
            raise ChatopsError(
                f"{at}: what arrived has the digest {digest[:19]}…, not {(said or what)[:19]}…",
                hint="somebody on the way changes it, perhaps a proxy",
            )
        body = answer.json()
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        return _Answer(kind=kind or str(body.get("mediaType")), digest=digest, body=body)

    def _call(
        self,
        at: Reference,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> Any:
        http = self._http(at.registry)
        for attempt in (1, 2):
            token = self._tokens.get(at.repository)
            known = {"Authorization": token} if token else {}
            try:
                return http.call("GET", path, headers={**known, **(headers or {})}, params=params)
            except _Unauthorized as refused:
                if attempt == 2:
                    raise _denied(at) from None
                self._tokens[at.repository] = self._token(at, refused.challenge)
            except ApiError as error:
                raise _told(at, error) from error
        raise AssertionError

    def _token(self, at: Reference, challenge: str) -> str:
        scheme, _, rest = challenge.partition(" ")
        basic = _basic()
        if scheme.lower() == "basic" and basic:
            return basic
        where = dict(_PARAMETER.findall(rest))
        parts = urlsplit(where.get("realm", ""))
        if scheme.lower() != "bearer" or parts.scheme not in ("https", "http"):
            raise _denied(at)
        if parts.scheme == "http" and not self._insecure:
            raise ChatopsError(f"{at.registry} gives its tokens over http: not taken")
        http = self._reach(f"{parts.scheme}://{parts.netloc}")
        scope = where.get("scope") or f"repository:{at.path}:pull"
        asked = {"service": where.get("service", ""), "scope": scope}
        headers = {"Authorization": basic} if basic and self._own else {}
        try:
            answer = http.call("GET", parts.path or "/", params=asked, headers=headers).json()
        except (ApiError, CredentialError) as error:
            raise _denied(at) from error
        token = answer.get("token") or answer.get("access_token")
        if not isinstance(token, str):
            raise _denied(at)
        return f"Bearer {Secret(token).reveal()}"

    def _http(self, registry: str) -> Http:
        server = _HUB_AT if registry == _HUB else registry
        plain = self._insecure and registry == self._own.partition("/")[0]
        return self._reach(f"{'http' if plain else 'https'}://{server}")

    def _reach(self, base: str) -> Http:
        if base not in self._there:
            self._there[base] = Http(
                base, self._network, problem=_problem, throttled=_pause, side_by_side=4
            )
        return self._there[base]


def _problem(answer: Any, where: str) -> Exception:
    if answer.status_code == 401:
        return _Unauthorized(answer.headers.get("WWW-Authenticate", ""))
    code, message = "", ""
    try:
        first = json.loads(answer.text)["errors"][0]
        code, message = str(first.get("code", "")), str(first.get("message", ""))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        pass
    text = message or f"{answer.status_code} from {where}"
    return ApiError(text[:200], status=answer.status_code, code=code, call=where)


def _pause(answer: Any) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def _told(at: Reference, error: ApiError) -> ChatopsError:
    if error.status == 404:
        return ChatopsError(
            f"{at.registry} has no {at.path}:{at.tag}",
            hint="is the tag right? one's own registry must hold a copy of it",
        )
    if error.status == 403:
        return _denied(at)
    return ChatopsError(f"{at.registry}, asked for {at.path}: {error.message}")


def _denied(at: Reference) -> CredentialError:
    return CredentialError(
        f"{at.registry} does not let us read {at.path}",
        hint="export CHATOPS_REGISTRY_USERNAME and CHATOPS_REGISTRY_PASSWORD, if it is yours; "
        "a public one says so, too, of what it does not have",
    )


def _basic() -> str:
    name = os.environ.get("CHATOPS_REGISTRY_USERNAME")
    password = os.environ.get("CHATOPS_REGISTRY_PASSWORD")
    if not name or not password:
        return ""
    word = base64.b64encode(f"{name}:{Secret(password).reveal()}".encode()).decode()
    return f"Basic {Secret(word).reveal()}"
