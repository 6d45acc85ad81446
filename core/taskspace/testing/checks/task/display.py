"""What holds for how a task shows its labels and predictions to people."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from taskspace.testing.checks.task.trial import try_out
from taskspace.testing.subject import Subject, require, returned


def shows_targets_and_predictions(subject: Subject) -> None:
    """Targets, missing ones too, and decoded predictions become pictures or lines of words."""
    trial = try_out(subject)
    example = trial.example()
    missing = -1 if not example.target.is_floating_point() else torch.nan
    decoded = returned("decode()", trial.task.decode(trial.prediction()), torch.Tensor, "a tensor")
    shown = {
        "targets": example.target,
        "missing targets": torch.full_like(example.target, missing),
        "decoded predictions": decoded,
    }
    for what, values in shown.items():
        picture = trial.task.picture(values, example.input)
        if picture is not None:
            returned(f"picture() of {what}", picture, torch.Tensor, "a torch.Tensor or None")
            require(
                picture.ndim == 4 and tuple(picture.shape[:2]) == (len(values), 3),
                f"The pictures of {what} are {tuple(picture.shape)}; they must be [B, 3, H, W].",
            )
            inside = bool(((picture >= 0) & (picture <= 1)).all())
            require(inside, f"The pictures of {what} leave [0, 1] or are not numbers.")
        lines = returned(
            f"words() of {what}", trial.task.words(values, trial.fields), Sequence, "lines of text"
        )
        require(
            len(lines) == len(values) and all(isinstance(line, str) for line in lines),
            f"Of {len(values)} {what} it says {lines!r}.",
        )
