"""What a command does first, so that it ends by SIGKILL at a place that no clock decides."""


def killed_after(cells: int) -> str:
    """Return statements: this process kills itself when it has noted so many cells as done."""
    return f"""
import os, signal
from taskspace.engine.events import EventJournal

write, done = EventJournal.__call__, []

def write_and_die(journal, event):
    write(journal, event)
    done.extend([event] * (event.kind == "done"))
    if len(done) == {cells}:
        os.kill(os.getpid(), signal.SIGKILL)

EventJournal.__call__ = write_and_die
"""
