"""What holds for a task's loss and metric."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from taskspace.components import Loss
from taskspace.testing.checks.task.trial import try_out
from taskspace.testing.subject import NotApplicable, Subject, require, returned


def _per_image(found: Loss, count: int) -> None:
    require(
        tuple(found.value.shape) == (count,) and found.value.is_floating_point(),
        f"Its values are {found.value.dtype} {tuple(found.value.shape)} for {count} images.",
    )
    require(
        tuple(found.valid.shape) == (count,) and found.valid.dtype == torch.bool,
        f"Its validity is {found.valid.dtype} {tuple(found.valid.shape)} for {count} images.",
    )
    require(bool(found.valid.any()), "It finds no image valid.")
    require(bool(found.value[found.valid].isfinite().all()), "A valid image's value is not finite.")


def loss_is_one_value_per_image(subject: Subject) -> None:
    """[B] finite losses where valid, and [B] booleans."""
    trial = try_out(subject)
    _per_image(trial.loss(trial.prediction(), trial.example().target), len(trial.sample["image"]))


def measure_is_one_value_per_image(subject: Subject) -> None:
    """[B] finite measures where valid, and [B] booleans."""
    trial = try_out(subject)
    _per_image(
        trial.measure(trial.prediction(), trial.example().target), len(trial.sample["image"])
    )


def measures_all_images_at_once(subject: Subject) -> None:
    """`measure_all` gives a number under each name in `overall`, and under no other."""
    trial = try_out(subject)
    if (reason := trial.task.missing()) is not None:
        raise NotApplicable(reason)
    decoded = trial.task.decode(trial.prediction())
    made = trial.task.measure_all(decoded, trial.example().target, trial.fields)
    found = returned("measure_all()", made, Mapping, "a mapping from names to numbers")
    require(
        set(found) == set(trial.task.overall)
        and all(isinstance(value, float) for value in found.values()),
        f"It gives {dict(found)!r} where `overall` names {list(trial.task.overall)}.",
    )


def loss_judges_each_image_alone(subject: Subject) -> None:
    """An image's loss does not depend on what else is in the batch: win rates need it."""
    trial = try_out(subject)
    prediction, target = trial.prediction(), trial.example().target
    together = trial.loss(prediction, target)
    for i in range(len(prediction)):
        alone = trial.loss(prediction[i : i + 1], target[i : i + 1])
        require(bool(alone.valid[0] == together.valid[i]), f"Image {i} is valid only in company.")
        if alone.valid[0]:
            close = torch.allclose(alone.value[0], together.value[i], rtol=1e-4, atol=1e-6)
            require(
                close, f"Image {i}: {alone.value[0]:g} alone, {together.value[i]:g} in company."
            )


def loss_is_differentiable(subject: Subject) -> None:
    """Valid images' predictions get finite gradients that are not all zero."""
    trial = try_out(subject)
    if not trial.task.trained:
        raise NotApplicable("It is never trained.")
    prediction = trial.prediction().requires_grad_()
    found = trial.loss(prediction, trial.example().target)
    require(found.value.requires_grad, "Its loss does not depend on the prediction.")
    (gradient,) = torch.autograd.grad(found.value[found.valid].sum(), prediction)
    require(bool(gradient.isfinite().all()), "A gradient is not finite.")
    require(bool(gradient.any()), "All gradients are zero.")


def loss_masks_missing_labels(subject: Subject) -> None:
    """Images without a label are not valid, leave the others alone and send no gradient."""
    trial = try_out(subject)
    sample, missing = trial.without_labels()
    prediction = trial.prediction().requires_grad_()
    whole = trial.loss(prediction, trial.example().target)
    found = trial.loss(prediction, trial.example(sample).target)
    require(not bool((found.valid & missing).any()), "An image without a label is valid.")
    require(
        torch.equal(found.valid[~missing], whole.valid[~missing]),
        "Missing labels change whether other images are valid.",
    )
    if not found.value.requires_grad:
        return
    total = torch.where(found.valid, found.value, 0.0).sum()
    (gradient,) = torch.autograd.grad(total, prediction)
    require(bool(gradient.isfinite().all()), "A gradient is not finite.")
    require(not bool(gradient[missing].any()), "An image without a label sends a gradient.")


def loss_keeps_its_arguments(subject: Subject) -> None:
    """Prediction and target are as they were, for the loss and the metric."""
    trial = try_out(subject)
    given = (trial.prediction(), trial.example().target)
    before = tuple(values.clone() for values in given)
    trial.loss(*given)
    trial.measure(*given)
    for name, values, was in zip(("prediction", "target"), given, before, strict=True):
        same = torch.equal(values.nan_to_num(-7), was.nan_to_num(-7))
        require(same, f"It changes the {name}.")


def loss_runs_on_gpu(subject: Subject) -> None:
    """Loss and metric work on the device where prediction and target are."""
    if not torch.cuda.is_available():
        raise NotApplicable("There is no GPU here.")
    trial = try_out(subject)
    here = trial.prediction(), trial.example().target
    there = tuple(values.cuda() for values in here)
    for function in (trial.loss, trial.measure):
        expected, found = function(*here), function(*there)
        require(found.value.is_cuda and found.valid.is_cuda, "It leaves the device.")
        close = torch.allclose(
            found.value.cpu()[expected.valid], expected.value[expected.valid], rtol=1e-3, atol=1e-4
        )
        require(close, "It gives other values on the GPU.")
