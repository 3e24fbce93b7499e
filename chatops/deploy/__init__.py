"""From a company file to a running chat: load, render, install, first admin, apply."""
