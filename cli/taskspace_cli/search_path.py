"""The first thing that `tasks` does: it takes the working directory off `sys.path`.

Nothing is imported here that is not loaded when Python starts: any other module, `__future__`
included, could be one that lies in the working directory.
"""

import os
import sys


def leave_out_working_directory() -> None:
    """Have this process, and those that it starts, import nothing from the working directory.

    `python -m` puts it first, and an empty entry of PYTHONPATH stands for it. An entry of
    PYTHONPATH that names it stays: that was asked for.
    """
    try:
        here = os.getcwd()  # noqa: PTH109  see above
    except OSError:  # it is gone, so nothing can be imported from it
        here = ""
    if sys.path and not sys.flags.safe_path and sys.path[0] in ("", here):
        del sys.path[0]
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    named = [os.path.abspath(entry) for entry in entries if entry]  # noqa: PTH100  see above
    if here not in named:
        # Further back it may stand for another reason: a .pth file of an editable install.
        first = [entry for entry in sys.path[: len(entries)] if entry != here]
        sys.path[: len(entries)] = first
    sys.path[:] = [entry for entry in sys.path if entry]
    from taskspace.python_process import import_isolation  # noqa: PLC0415  not before

    os.environ.update(import_isolation())
