"""The device that cells are computed on."""

from __future__ import annotations

from taskspace.errors import ExecutorError


def require_device(name: str) -> None:
    """Check that torch can compute on a device here; `cpu` always can.

    Raises:
        ExecutorError: if it cannot, with what torch says.
    """
    if name == "cpu":
        return
    import torch  # noqa: PLC0415  nothing else in this package's light modules needs it

    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise ExecutorError(
            f"The device {name!r} cannot be used here: {reason.rstrip('.')}.",
            advice="Choose another with --device or TASKS_DEVICE; `cpu` always works.",
        ) from error
