"""Settings of the server: each by its place in the file."""

from typing import Any, Final

from chatops.core.desired import Path, Reference
from chatops.core.expand.book import Book, text
from chatops.resources import UNSET, Setting
from chatops.secrets import REFERENCE
from chatops.spec.models import Model

__all__ = ["VIDEO_APP", "VIDEO_SECRET", "expand_settings"]

VIDEO_APP: Final = "chatops"
"""`iss` and `aud` of a meeting's token: the name under which the chat signs them."""
VIDEO_SECRET: Final = "video_app_secret"
"""What the vault calls the secret that the chat and the video server share."""

SECRETS = frozenset(
    {
        "smtp.password",
        "storage.files.access_key",
        "storage.files.secret_key",
        "sign_in.ldap.bind_password",
        "sign_in.oidc.client_secret",
    }
)
FILES = frozenset({"sign_in.saml.certificate"})
"""Values that stand in a file of their own."""


def expand_settings(book: Book) -> None:
    """Every setting that the file speaks of."""
    spec = book.spec
    storage, sign_in = spec.storage, spec.sign_in
    domains = sign_in.email_domains
    values: list[tuple[str, Any]] = [
        ("company.name", text(spec.company.name)),
        ("company.locale", spec.company.locale),
        ("company.timezone", spec.company.timezone),
        ("sign_in.password.min_length", sign_in.password.min_length if sign_in.password else None),
        ("sign_in.self_registration", sign_in.self_registration),
        (
            "sign_in.email_domains",
            None if domains is None else tuple(sorted({d.lower() for d in domains})),
        ),
    ]
    mail = spec.smtp
    if mail is not None:
        values += [
            ("smtp.host", mail.host),
            ("smtp.port", mail.port),
            ("smtp.security", mail.security),
            ("smtp.username", mail.username),
            ("smtp.password", mail.password),
            ("smtp.from", mail.sender),
        ]
    if storage is not None:
        if storage.files is not None:
            values += _block("storage.files", storage.files)
        values.append(("storage.message_retention", storage.message_retention))
    for name in ("ldap", "oidc", "saml"):
        block = getattr(sign_in, name)
        if block is not None:
            _add(book, f"sign_in.{name}.enabled", True, ("sign_in", name))
            values += _block(f"sign_in.{name}", block)
    for name, value in values:
        if value is not None:
            _add(book, name, value, tuple(name.split(".")))
    _live_chat(book)
    _video(book)


def _video(book: Book) -> None:
    """What the chat itself must know of the meetings; the rest is the video server's."""
    video = book.spec.video
    if video is None:
        return
    path: Path = ("video",)
    _add(book, "video.enabled", True, path)
    _add(book, "video.url", video.url.rstrip("/"), (*path, "url"))
    _add(book, "video.auth", video.auth, (*path, "auth"))
    if video.auth == "token":
        _add(book, "video.app_id", VIDEO_APP, path)
        secret = Setting(name="video.secret", value=UNSET)
        book.secrets[secret.key] = Reference(f"vault:{VIDEO_SECRET}", path, shared=True)
        book.add(secret, path)


def _block(name: str, block: Model) -> list[tuple[str, Any]]:
    fields = ((key, getattr(block, key)) for key in type(block).model_fields)
    return [(f"{name}.{k}", tuple(v) if isinstance(v, list) else v) for k, v in fields]


def _live_chat(book: Book) -> None:
    chat = book.spec.live_chat
    if chat is None:
        return
    path: Path = ("live_chat",)
    _add(book, "live_chat.enabled", True, path)
    if chat.website is not None:
        _add(book, "live_chat.website", chat.website, (*path, "website"))
    if chat.offline_message is not None:
        _add(book, "live_chat.offline_message", chat.offline_message, (*path, "offline_message"))
    if chat.widget is not None:
        for key in ("title", "color"):
            value = getattr(chat.widget, key)
            if value is not None:
                _add(book, f"live_chat.widget.{key}", value, (*path, "widget", key))


def _add(book: Book, name: str, value: Any, path: Path) -> None:
    setting = Setting(name=name, value=value)
    reference = f"file:{value}" if name in FILES else value
    if isinstance(reference, str) and name in SECRETS | FILES and REFERENCE.fullmatch(reference):
        setting = Setting(name=name, value=UNSET)
        book.secrets[setting.key] = Reference(reference, path)
    book.add(setting, path)
