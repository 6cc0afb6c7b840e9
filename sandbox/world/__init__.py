"""The commerce world behind the sandbox: a history of two shops, and what happens next."""

from sandbox.world.world import World, build_world

__all__ = ["World", "build_world"]
