"""Stand-ins for the chat servers, on loopback: the default target, and what the tests run against.

Nothing in here imports the rest of chatops: a fake that is built from the client would share the
client's mistakes. Its truth is what real servers answered, replayed in the tests.
"""

from chatops.sandbox.faults import Fault, Faults
from chatops.sandbox.server import Sandbox, serve
from chatops.sandbox.workspace import Workspace, WorkspaceView

__all__ = ["Fault", "Faults", "Sandbox", "Workspace", "WorkspaceView", "serve"]
