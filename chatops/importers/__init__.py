"""From what is there to a company file: `live` reads a running server."""
