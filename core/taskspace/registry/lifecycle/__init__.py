"""How what is trusted changes: adding, removing, enabling and disabling plugins.

`add` builds and lays out a plugin in a folder of its own, describes it there in a child process,
shows what it found, and only then installs those very files and writes registry.toml.
"""

from taskspace.registry.lifecycle.adding import add
from taskspace.registry.lifecycle.proposal import Proposal
from taskspace.registry.lifecycle.removing import Removed, remove, switch

__all__ = ["Proposal", "Removed", "add", "remove", "switch"]
