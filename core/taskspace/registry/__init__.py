"""What is known and trusted: discovery, registry.toml, quarantine, activation.

Importing this package, and listing with it, imports no component, and pydantic only where
registry.toml lists a plugin.
"""

from taskspace.registry.allowed import AllowedPlugins
from taskspace.registry.descriptions.description import BUILT_IN, Description
from taskspace.registry.registry import Registry
from taskspace.registry.state import PluginState
from taskspace.registry.suggest import nearest

__all__ = ["BUILT_IN", "AllowedPlugins", "Description", "PluginState", "Registry", "nearest"]
