"""Rocket.Chat by its REST API v1: 8.x and 9.0, older ones as far as they go."""

from chatops.platforms.rocketchat.server import PLATFORM

__all__ = ["PLATFORM"]
