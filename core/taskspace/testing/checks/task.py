"""What holds for a task: its facts, its examples, its loss, how it shows them."""

from __future__ import annotations

from taskspace.testing.checks.tasks.task_display import CHECKS as DISPLAY
from taskspace.testing.checks.tasks.task_examples import CHECKS as EXAMPLES
from taskspace.testing.checks.tasks.task_loss import CHECKS as LOSS

CHECKS = (*EXAMPLES, *LOSS, *DISPLAY)
