"""Settings: there is only one of each on a server, so they have a suite of their own."""

__all__ = ["OTHERWISE", "SETTINGS"]

LDAP = {"host": "ldap.contract.example", "base_dn": "'ou=people,dc=contract'"}
OIDC = {"issuer": "https://sso.contract.example", "client_id": "chat"}
SAML = {
    "login_url": "https://sso.contract.example/saml",
    "issuer": "urn:sso",
    "certificate": "secrets/idp.pem",
}
"""What each way in must have; the files stand beside every company file of the suite."""


def _way_in(way: str, must: dict[str, str], **more: str) -> list[tuple[str, str, str]]:
    """A line for each key, with what must be there beside it."""
    found = []
    for key, value in {**must, **more}.items():
        keys = {**must, key: "%s"}
        block = ", ".join(f"{k}: {v}" for k, v in keys.items())
        found.append((f"sign_in.{way}.{key}", f"sign_in: {{{way}: {{{block}}}}}", value))
    _, text, value = found[0]
    return [(f"sign_in.{way}.enabled", text, value), *found]


WAYS_IN = (
    *_way_in(
        "ldap",
        LDAP,
        port="636",
        security="tls",
        bind_dn="cn=chat",
        bind_password="file:secrets/password",
        user_filter="(uid=*)",
        id_attribute="entryUUID",
        username_attribute="login",
        email_attribute="address",
        name_attribute="displayName",
    ),
    *_way_in(
        "oidc",
        OIDC,
        client_secret="file:secrets/password",
        scopes="[openid, email]",
        label="Ours",
        authorize_path="/auth",
        token_path="/token",
        identity_path="/userinfo",
    ),
    *_way_in(
        "saml",
        SAML,
        logout_url="https://sso.contract.example/out",
        username_attribute="login",
        email_attribute="address",
        label="Ours",
    ),
)

SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("company.name", "company: {name: '%s'}", "Nordlys"),
    ("company.locale", "company: {name: Acme, locale: %s}", "da"),
    ("sign_in.password.min_length", "sign_in: {password: {min_length: %s}}", "15"),
    ("sign_in.self_registration", "sign_in: {self_registration: %s}", "true"),
    ("sign_in.email_domains", "sign_in: {email_domains: [%s]}", "contract.example"),
    ("smtp.host", "smtp: {host: %s}", "mail.contract.example"),
    ("smtp.port", "smtp: {host: m.example, port: %s}", "2525"),
    ("smtp.security", "smtp: {host: m.example, security: %s}", "tls"),
    ("smtp.username", "smtp: {host: m.example, username: %s}", "chat"),
    ("smtp.from", "smtp: {host: m.example, from: '%s'}", "Chat <chat@contract.example>"),
    ("storage.files.max_file_size", "storage: {files: {max_file_size: %s}}", "50MiB"),
    (
        "storage.files.bucket",
        "storage: {files: {bucket: %s, endpoint: 'https://s3.contract.example'}}",
        "chatfiles",
    ),
    ("storage.message_retention", "storage: {message_retention: %s}", "90d"),
    ("company.timezone", "company: {name: Acme, timezone: %s}", "Europe/Copenhagen"),
    *WAYS_IN,
    ("live_chat.website", "live_chat: {website: %s}", "https://www.contract.example/shop"),
    ("live_chat.offline_message", "live_chat: {offline_message: '%s'}", "We answer at eight."),
    ("live_chat.widget.title", "live_chat: {widget: {title: '%s'}}", "Ask & answer"),
    ("live_chat.widget.color", "live_chat: {widget: {color: '%s'}}", "#0a5"),
)

OTHERWISE = {
    "company.name": "Sydlys",
    "company.locale": "de",
    "sign_in.password.min_length": "16",
    "sign_in.self_registration": "false",
    "sign_in.email_domains": "other.contract.example",
    "smtp.host": "mail2.contract.example",
    "smtp.port": "2526",
    "smtp.security": "starttls",
    "smtp.username": "chat2",
    "smtp.from": "Chat 2 <chat2@contract.example>",
    "storage.files.max_file_size": "60MiB",
    "storage.files.bucket": "chatfiles2",
    "live_chat.website": "https://shop.contract.example:8443",
    "live_chat.offline_message": "We answer at nine.",
    "live_chat.widget.title": "Ask us",
    "live_chat.widget.color": "#00aa99",
}
"""A second value for a server that has the first one already."""
