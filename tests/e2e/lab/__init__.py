"""Blank machines, made on the spot: Debian with systemd and SSH, each with an engine of its own.

Nothing here knows chatops: a machine is what a person would rent.
"""
