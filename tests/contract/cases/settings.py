"""Settings: there is only one of each on a server, so they have a suite of their own."""

__all__ = ["OTHERWISE", "SETTINGS"]

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
}
"""A second value for a server that has the first one already."""
