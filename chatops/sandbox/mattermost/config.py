"""The settings over the API."""

from typing import Any

from chatops.sandbox.mattermost import plugins as bundles
from chatops.sandbox.mattermost import settings
from chatops.sandbox.mattermost.errors import AppError, bad_body, refuse
from chatops.sandbox.mattermost.permissions import (
    CONSOLE_READ,
    CONSOLE_WRITE,
    is_admin,
    need,
    need_any,
)
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.store import Doc

routes = Routes()

_FRESH = {"Cache-Control": "no-cache, no-store, must-revalidate"}
# (section, key, name in the answer) of what the client configuration tells a stranger.
_TOLD = (
    ("ServiceSettings", "SiteURL", "SiteURL"),
    ("ServiceSettings", "EnableCustomEmoji", "EnableCustomEmoji"),
    ("ServiceSettings", "EnableUserAccessTokens", "EnableUserAccessTokens"),
    ("TeamSettings", "SiteName", "SiteName"),
    ("TeamSettings", "EnableOpenServer", "EnableOpenServer"),
    ("TeamSettings", "EnableUserCreation", "EnableUserCreation"),
    ("TeamSettings", "EnableCustomBrand", "EnableCustomBrand"),
    ("TeamSettings", "CustomBrandText", "CustomBrandText"),
    ("TeamSettings", "CustomDescriptionText", "CustomDescriptionText"),
    ("EmailSettings", "EnableSignUpWithEmail", "EnableSignUpWithEmail"),
    ("EmailSettings", "EnableSignInWithEmail", "EnableSignInWithEmail"),
    ("EmailSettings", "EnableSignInWithUsername", "EnableSignInWithUsername"),
    ("LocalizationSettings", "DefaultClientLocale", "DefaultClientLocale"),
    ("LocalizationSettings", "AvailableLocales", "AvailableLocales"),
    ("PasswordSettings", "MinimumLength", "PasswordMinimumLength"),
    ("PasswordSettings", "Lowercase", "PasswordRequireLowercase"),
    ("PasswordSettings", "Uppercase", "PasswordRequireUppercase"),
    ("PasswordSettings", "Number", "PasswordRequireNumber"),
    ("PasswordSettings", "Symbol", "PasswordRequireSymbol"),
    ("PasswordSettings", "EnableForgotLink", "PasswordEnableForgotLink"),
    ("SupportSettings", "TermsOfServiceLink", "TermsOfServiceLink"),
    ("SupportSettings", "PrivacyPolicyLink", "PrivacyPolicyLink"),
    ("SupportSettings", "AboutLink", "AboutLink"),
    ("SupportSettings", "HelpLink", "HelpLink"),
)
# The sections whose plain values somebody with a session is told besides.
_TOLD_INSIDE = ("ServiceSettings", "TeamSettings", "EmailSettings", "FileSettings")
_UNTOLD_INSIDE = {
    "ListenAddress", "TLSCertFile", "TLSKeyFile", "LocalModeSocketLocation", "SplitKey",
    "SMTPUsername", "SMTPPassword", "SMTPServer", "SMTPPort", "Directory", "PublicLinkSalt",
}  # fmt: skip


@routes.get("/config")
def get_config(call: Call) -> Reply:
    """All settings, secrets as asterisks."""
    need_any(call, CONSOLE_READ)
    shown = settings.shown(
        call.site.config,
        masked=not call.flag("remove_masked"),
        defaults=not call.flag("remove_defaults"),
    )
    return Reply(bundles.shown(call, shown), 200, _FRESH)


@routes.put("/config/patch")
def patch_config(call: Call) -> Reply:
    """Change some settings. What the environment locks stays, and nobody is told."""
    site, patch = call.site, _given(call)
    need_any(call, CONSOLE_WRITE)
    service, plugins = _section(patch, "ServiceSettings"), _section(patch, "PluginSettings")
    if service.get("SiteURL") == "" and site.setting("ServiceSettings", "SiteURL"):
        refuse("api.config.update_config.clear_siteurl.app_error")
    for section, key in (("PluginSettings", "EnableUploads"), ("ImportSettings", "Directory")):
        wanted = _section(patch, section).get(key)
        if wanted is not None and wanted != site.setting(section, key):
            refuse("api.config.update_config.not_allowed_security.app_error", 403)
    if not plugins.get("Plugins"):
        plugins.pop("Plugins", None)
    else:
        plugins["Plugins"] = bundles.unmasked(call, plugins["Plugins"])
    return _save(call, settings.merged(site.config, patch))


@routes.put("/config")
def update_config(call: Call) -> Reply:
    """Replace all settings; what is missing falls back to its default."""
    site, given = call.site, _given(call)
    need_any(call, CONSOLE_WRITE)
    if not _section(given, "ServiceSettings").get("SiteURL"):
        refuse("api.config.update_config.clear_siteurl.app_error")
    _section(given, "PluginSettings").pop("EnableUploads", None)
    _section(given, "ImportSettings").pop("Directory", None)
    return _save(call, settings.whole(site.config, given))


def _given(call: Call) -> Doc:
    """The body, an object of sections."""
    if call.body.strip() == b"null":
        bad_body("config")
    shape: dict[str, type] = dict.fromkeys(call.site.config, object)
    return call.record("config", shape)


def _section(given: Doc, name: str) -> Doc:
    section: Any = given.get(name, {})
    if not isinstance(section, dict):
        bad_body("config")
    return section


# Languages that a server offers; another one becomes English, with a 200 (seen on 11.2).
_LANGUAGES = frozenset(
    {"de", "en", "en-AU", "es", "fr", "it", "hu", "nl", "pl", "pt-BR", "ro", "sv", "vi", "tr"}
    | {"bg", "ru", "uk", "fa", "ko", "zh-CN", "zh-TW", "ja"}
)
# What an empty value is filled with again when the settings are saved (seen on 11.2).
_FILLED = (
    ("EmailSettings", "SMTPServer", "localhost"),
    ("FileSettings", "AmazonS3Endpoint", "s3.amazonaws.com"),
)


def _save(call: Call, config: Doc) -> Reply:
    for key in ("DefaultServerLocale", "DefaultClientLocale"):
        if config["LocalizationSettings"].get(key) not in _LANGUAGES:
            config["LocalizationSettings"][key] = "en"
    for section, key, value in _FILLED:
        if config[section].get(key) == "" and call.site.setting(section, key) != "":
            config[section][key] = value
    settings.check(config)
    call.site.save_config(config)
    return Reply(bundles.shown(call, settings.shown(config)), 200, _FRESH)


@routes.get("/config/environment")
def environment(call: Call) -> Reply:
    """Which settings the environment locks; who may not read them is told nothing."""
    admin = is_admin(call)
    locked = settings.environment(plugins=call.site.has_plugins)
    return Reply(locked if admin else None, 200, _FRESH)


@routes.post("/saml/certificate/idp", files=True)
def add_provider_certificate(call: Call) -> Doc:
    """Keep the certificate of a SAML provider; without a licence too (tried on 11.2)."""
    site = call.site
    need(call, "manage_system")
    if not call.files.get("certificate"):
        refuse("api.admin.add_certificate.no_file.app_error")
    section = site.config["SamlSettings"] | {"IdpCertificateFile": "saml-idp.crt"}
    site.save_config(site.config | {"SamlSettings": section})
    return OK


@routes.post("/config/reload")
def reload(call: Call) -> Doc:
    """Read the settings again; here they are never stale."""
    need(call, "reload_config")
    return OK


@routes.get("/config/client", session=False)
def client_config(call: Call) -> Doc:
    """What a client must know, all as text; strangers are told less."""
    site = call.site
    told = {name: _text(site.setting(section, key)) for section, key, name in _TOLD}
    told |= {
        "Version": site.version,
        "BuildNumber": "",
        "BuildDate": "",
        "BuildHash": "",
        "BuildHashEnterprise": "",
        "BuildEnterpriseReady": "true" if site.licence else "",
        "NoAccounts": _text(not any(not u.get("is_bot") for u in site.users.all())),
        "DiagnosticId": "",
        "DiagnosticsEnabled": "false",
        "IsFipsEnabled": "false",
        "EnableLdap": "false",
        "EnableSaml": "false",
        "EnableSignUpWithGitLab": "false",
        "EnableSignUpWithGoogle": "false",
        "EnableSignUpWithOffice365": "false",
        "EnableSignUpWithOpenId": "false",
        "HasImageProxy": "false",
        "PluginsEnabled": "false",
        "WebsocketURL": "",
    }
    if call.session:
        for section in _TOLD_INSIDE:
            for key, value in site.config[section].items():
                plain = isinstance(value, str | bool | int)
                if plain and key not in _UNTOLD_INSIDE and "S3" not in key:
                    told.setdefault(key, _text(value))
    return told


@routes.get("/license/client", session=False)
def client_licence(call: Call) -> Doc:
    """There is no licence, unless the sandbox poses with one."""
    form = call.arg("format")
    if not form:
        refuse("api.license.client.old_format.app_error")
    if form != "old":
        bad_body("format")
    if call.site.licence:
        return {"IsLicensed": "true", "SkuShortName": call.site.licence}
    return {"IsLicensed": "false"}


@routes.post("/license", files=True)
def add_licence(call: Call) -> Doc:
    """No licence is taken here: this is Team Edition."""
    need(call, "manage_license_information")
    if not call.files.get("license"):
        refuse("api.license.add_license.no_file.app_error")
    raise AppError("api.license.add_license.invalid.app_error", 400)


@routes.delete("/license")
def remove_licence(call: Call) -> Doc:
    """Nothing to take away."""
    need(call, "manage_license_information")
    return OK


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
