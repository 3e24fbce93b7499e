"""A sandbox behind a proxy: the same server, which lets itself be called by its public name."""

from pathlib import Path

import uvicorn

from chatops.sandbox.faults import Faults
from chatops.sandbox.server import STORE_FILE, build_app, open_workspace
from chatops.sandbox.store import Store


def serve(product, folder, port, site_url):
    Path(folder).mkdir(exist_ok=True)
    store = Store(Path(folder) / STORE_FILE)
    app = build_app(open_workspace(product, store, site_url), Faults())

    async def called_by_any_name(scope, receive, send):
        # Its page answers only who calls it by a name of loopback; here a proxy stands in front.
        if scope["type"] == "http":
            headers = [(k, v) for k, v in scope["headers"] if k != b"host"]
            scope = {**scope, "headers": [*headers, (b"host", b"localhost")]}
        await app(scope, receive, send)

    print(f"STAND-IN: the sandbox of {product} at {site_url}", flush=True)
    uvicorn.run(
        called_by_any_name, host="0.0.0.0", port=port, log_level="warning", access_log=False
    )
