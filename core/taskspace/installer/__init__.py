"""How what is trusted changes: adding, removing, enabling and disabling plugins.

`add` builds and lays out a plugin in a folder of its own, describes it there in a child process,
shows what it found, and only then installs those very files and writes registry.toml.
"""

from taskspace.installer.adding import add
from taskspace.installer.proposal import Proposal
from taskspace.installer.removing import Removed, remove, switch

__all__ = ["Proposal", "Removed", "add", "remove", "switch"]
