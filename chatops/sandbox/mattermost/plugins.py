"""Plugins, on a server that has them: which are there, how they come and go.

The recorded server had them off; this follows channels/api4/plugin.go of 11.2, tried on one. No
plugin does anything here, and nothing is fetched: at Jitsi's own address there "is" its plugin, at
every other one there is nothing.
"""

import io
import json
import tarfile
from typing import Any

from chatops.sandbox.mattermost.errors import refuse
from chatops.sandbox.mattermost.permissions import need
from chatops.sandbox.mattermost.settings import MASK
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.store import Doc

__all__ = ["routes", "shown", "unmasked"]

routes = Routes()

_FETCHABLE = "/mattermost-community/mattermost-plugin-jitsi/releases/download/"
_JITSI: Doc = {
    "id": "jitsi",
    "name": "Jitsi",
    "version": "2.1.0",
    "settings_schema": {
        "settings": [
            {"key": key, "type": kind, "secret": False}
            for key, kind in (
                ("JitsiURL", "text"),
                ("JitsiJWT", "bool"),
                ("JitsiAppID", "text"),
                ("JitsiAppSecret", "text"),
                ("JitsiLinkValidTime", "number"),
            )
        ]
    },
}
_READ, _WRITE = "sysconsole_read_plugins", "sysconsole_write_plugins"


@routes.get("/plugins")
def listed(call: Call) -> Doc:
    """All of them, by whether they run."""
    need(call, _READ)
    found: dict[str, list[Doc]] = {"active": [], "inactive": []}
    for manifest in call.site.plugins.all():
        found["active" if _runs(call, manifest["id"]) else "inactive"].append(manifest)
    return found


@routes.get("/plugins/statuses")
def statuses(call: Call) -> list[Doc]:
    """How each is: 2 runs, 0 does not."""
    need(call, _READ)
    return [
        {
            "plugin_id": manifest["id"],
            "cluster_id": "",
            "plugin_path": f"plugins/{manifest['id']}",
            "state": 2 if _runs(call, manifest["id"]) else 0,
            "error": "",
            "name": manifest.get("name", ""),
            "description": manifest.get("description", ""),
            "version": manifest.get("version", ""),
        }
        for manifest in call.site.plugins.all()
    ]


@routes.post("/plugins", files=True)
def upload(call: Call) -> Reply:
    """A bundle as the field `plugin` of a form."""
    if not call.site.setting("PluginSettings", "EnableUploads"):
        refuse("app.plugin.upload_disabled.app_error", 501)
    need(call, _WRITE)
    if not call.files.get("plugin"):
        refuse("api.plugin.upload.no_file.app_error")
    return _install(call, _manifest(call.files["plugin"][0].content), force=False)


@routes.post("/plugins/install_from_url")
def from_address(call: Call) -> Reply:
    """A bundle that the server fetches."""
    if not call.site.setting("PluginSettings", "EnableUploads"):
        refuse("app.plugin.disabled.app_error", 501)
    need(call, _WRITE)
    if _FETCHABLE not in call.arg("plugin_download_url"):
        refuse("api.plugin.install.download_failed.app_error")
    return _install(call, dict(_JITSI), force=call.flag("force"))


@routes.post("/plugins/{plugin_id:plugin}/enable")
def enable(call: Call) -> Doc:
    """Have it run."""
    return _switch(call, on=True)


@routes.post("/plugins/{plugin_id:plugin}/disable")
def disable(call: Call) -> Doc:
    """Have it stand still."""
    return _switch(call, on=False)


@routes.delete("/plugins/{plugin_id:plugin}")
def remove(call: Call) -> Doc:
    """Take it away; its settings stay, and are no longer shown."""
    need(call, _WRITE)
    call.site.plugins.delete(_known(call)["id"])
    return OK


def shown(call: Call, config: Doc) -> Doc:
    """The settings with those of installed plugins alone, their secrets as masks."""
    manifests = {m["id"]: m for m in call.site.plugins.all()}
    held = config.get("PluginSettings", {}).get("Plugins", {})
    for name in list(held):
        if name not in manifests:
            del held[name]
            continue
        for key in held[name]:
            if key.casefold() in _secrets(manifests[name]):
                held[name][key] = MASK
    return config


def unmasked(call: Call, given: Any) -> Any:
    """Plugins' settings as they were sent, with what is kept where a mask came back."""
    kept = call.site.setting("PluginSettings", "Plugins")
    if not isinstance(given, dict):
        return given
    return {
        name: {k: kept.get(name, {}).get(k) if v == MASK else v for k, v in values.items()}
        for name, values in given.items()
        if isinstance(values, dict)
    }


def _secrets(manifest: Doc) -> frozenset[str]:
    schema = manifest.get("settings_schema") or {}
    return frozenset(s["key"].casefold() for s in schema.get("settings", ()) if s.get("secret"))


def _runs(call: Call, name: str) -> bool:
    states = call.site.setting("PluginSettings", "PluginStates")
    return bool(states.get(name, {}).get("Enable"))


def _switch(call: Call, *, on: bool) -> Doc:
    need(call, _WRITE)
    name = _known(call)["id"]
    config = json.loads(json.dumps(call.site.config))
    config["PluginSettings"]["PluginStates"][name] = {"Enable": on}
    call.site.save_config(config)
    return OK


def _known(call: Call) -> Doc:
    found = call.site.plugins.get(call.params["plugin_id"])
    return found or refuse("app.plugin.not_installed.app_error", 404)


def _install(call: Call, manifest: Doc, *, force: bool) -> Reply:
    if not force and call.site.plugins.get(manifest["id"]) is not None:
        refuse("app.plugin.install_id.app_error")
    return Reply(call.site.plugins.put(manifest["id"], manifest), 201)


def _manifest(bundle: bytes) -> Doc:
    """What a bundle says of itself: a plugin.json, at the top or in the one folder there."""
    try:
        with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                inside = archive.extractfile(member) if member.isfile() else None
                if inside and name.split("/")[-1] == "plugin.json" and name.count("/") <= 1:
                    found: Doc = json.load(inside)
                    return found
    except (tarfile.TarError, OSError, ValueError):
        refuse("app.plugin.extract.app_error")
    refuse("app.plugin.manifest.app_error")
