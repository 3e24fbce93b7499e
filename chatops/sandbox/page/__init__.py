"""The workspace as a person sees it: pages to read at the sandbox's own address."""

from chatops.sandbox.page.routes import page_routes

__all__ = ["page_routes"]
