"""What holds for a task: its facts, its examples, its loss, how it shows them."""

from __future__ import annotations

from taskspace.registry.conformance.task_display import CHECKS as DISPLAY
from taskspace.registry.conformance.task_examples import CHECKS as EXAMPLES
from taskspace.registry.conformance.task_loss import CHECKS as LOSS

CHECKS = (*EXAMPLES, *LOSS, *DISPLAY)
