"""The device that cells are computed on, and what of it decides the last bits of numbers."""

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


def arithmetic(device: str, cpus: int) -> dict[str, str]:
    """Return what decides the last bits of the same training: PyTorch, the device, threads."""
    import torch  # noqa: PLC0415  as above

    if device.startswith("cuda"):
        model = torch.cuda.get_device_name(device)
    else:
        model = f"{device} {torch.backends.cpu.get_cpu_capability()}"
    return {"torch": torch.__version__, "device": model, "cpus": str(cpus)}
