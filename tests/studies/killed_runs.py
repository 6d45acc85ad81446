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


def stopped_at_step(step: int, signal: str = "SIGKILL") -> str:
    """Return statements: this process gets a signal in a step of the generators, counted from 1.

    A checkpoint is due after every step, so that no clock decides what is lost.
    """
    return f"""
import os, signal
from taskspace.learning.fitting import fit
from taskspace.studies.zeroshot.cells.adversaries import Adversaries

fit.SHORTEST, fit.SHARE = 0.0, float("inf")
move, steps = Adversaries.step, []

def move_and_stop(learned):
    steps.append(learned.done)
    if len(steps) == {step}:
        os.kill(os.getpid(), signal.{signal})
    move(learned)

Adversaries.step = move_and_stop
"""


def stopped_in_search(step: int) -> str:
    """Return statements: this process kills itself in a meta-step of a discovery, from 1.

    A checkpoint is due after every step, so that no clock decides what is lost.
    """
    return f"""
import os, signal
from taskspace.learning.fitting import fit
from taskspace.studies.discovery.maths.search import TaskSearch

fit.SHORTEST, fit.SHARE = 0.0, float("inf")
move, steps = TaskSearch.step, []

def move_and_stop(search):
    steps.append(None)
    if len(steps) == {step}:
        os.kill(os.getpid(), signal.SIGKILL)
    return move(search)

TaskSearch.step = move_and_stop
"""


def stopped_in_cotraining(step: int) -> str:
    """Return statements: this process kills itself in a step of a co-training, from 1.

    A checkpoint is due after every step, so that no clock decides what is lost.
    """
    return f"""
import os, signal
from taskspace.learning.fitting import fit
from taskspace.studies.cotraining.cells.progress import ArmProgress

fit.SHORTEST, fit.SHARE = 0.0, float("inf")
move, steps = ArmProgress.step, []

def move_and_stop(progress):
    steps.append(None)
    if len(steps) == {step}:
        os.kill(os.getpid(), signal.SIGKILL)
    move(progress)

ArmProgress.step = move_and_stop
"""
