"""A stand-in for a community Rocket.Chat 8.3.0, module by subject.

`web` takes a request apart and stands before every endpoint: login, permission, shape, limiter,
second factor. `*_api` modules are the endpoints by family; the others are what they work on.
"""

from chatops.sandbox.rocketchat.workspace import RocketChatWorkspace

__all__ = ["RocketChatWorkspace"]
