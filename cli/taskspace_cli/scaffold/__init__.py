"""A new plugin from templates: named, rendered, written as a whole or not at all."""

from taskspace_cli.scaffold.writing import Written, write_plugin

__all__ = ["Written", "write_plugin"]
