"""What holds for a task's facts, head and examples."""

from __future__ import annotations

import torch

from taskspace.components import DenseHead, Task, VectorHead
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.checks.task.trial import try_out, unserved
from taskspace.testing.subject import Subject, require


def facts_are_declared(subject: Subject) -> None:
    """What planning reads off the class makes sense."""
    task = subject.made(Task)
    require(bool(task.requires), "It requires no field, not even `image`.")
    require(bool(task.metric), "Its metric has no name.")
    cost = task.default_label_cost()
    require(cost >= 0, f"Its labels cost {cost}.")
    require(task.trained or task.source_only, "It is not trained, so it can only be a source.")


def some_dataset_has_its_fields(subject: Subject) -> None:
    """There is a dataset that it can be tried on; without one, nothing of it is checked."""
    task = subject.made(Task)
    fields = subject.dataset.fields()
    require(
        task.needs(fields) <= set(fields),
        f"{unserved(task, fields)} Provide one here, or excuse this check.",
    )


def head_is_declared(subject: Subject) -> None:
    """The head follows from the fields alone and has a size."""
    trial = try_out(subject)
    first, second = (trial.task.head(trial.fields) for _ in range(2))
    require(first == second, f"Asked twice, it has the heads {first} and {second}.")
    require(isinstance(first, (VectorHead, DenseHead)), f"Its head is {first!r}.")
    size = first.channels if isinstance(first, DenseHead) else first.size
    require(size > 0, f"Its head is {first}.")


def example_has_declared_shapes(subject: Subject) -> None:
    """The input is so many images of the declared shape; the target has an entry a sample."""
    trial = try_out(subject)
    images = trial.sample["image"]
    example = trial.example()
    views = trial.task.views
    one = trial.task.input_shape(trial.fields)
    shape = (len(images), *one) if views == 1 else (len(images), views, *one)
    require(
        tuple(example.input.shape) == tuple(shape) and example.input.is_floating_point(),
        f"Its input is {example.input.dtype} {tuple(example.input.shape)} for images "
        f"{tuple(images.shape)}.",
    )
    require(bool(example.input.isfinite().all()), "Its input is not finite everywhere.")
    require(
        example.target.ndim > 0 and len(example.target) == len(images),
        f"Its target is {tuple(example.target.shape)} for {len(images)} images.",
    )


def example_keeps_a_plain_input(subject: Subject) -> None:
    """`plain_input` is true exactly of tasks that show networks the image as it is."""
    trial = try_out(subject)
    kept = torch.equal(trial.example().input, trial.sample["image"])
    said = trial.task.plain_input
    require(kept == said, f"It says plain_input = {said}; the image is kept: {kept}.")


def example_follows_its_generator_alone(subject: Subject) -> None:
    """One seed gives one example, whatever the global randomness is; which stays as it was."""
    trial = try_out(subject)
    made = []
    for seed in (1, 2):
        with global_seeds(torch_seed=seed, others=seed):
            before = torch.get_rng_state()
            made.append(trial.example())
            require(
                torch.equal(before, torch.get_rng_state()), "It draws from torch's own generator."
            )
    for first, second in zip(*made, strict=True):
        same = torch.equal(first.nan_to_num(-7), second.nan_to_num(-7))
        require(same, "Under one seed of its generator it gives different examples.")


def example_reads_only_what_it_needs(subject: Subject) -> None:
    """Fields beside the needed ones may be absent."""
    trial = try_out(subject)
    needed = trial.task.needs(trial.fields) | {"image"}
    trial.example({name: trial.sample[name] for name in needed})


def example_keeps_the_sample(subject: Subject) -> None:
    """The sample is as it was, so that the next task sees it too."""
    trial = try_out(subject)
    before = {name: values.clone() for name, values in trial.sample.items()}
    trial.example()
    for name, values in trial.sample.items():
        same = torch.equal(values.nan_to_num(-7), before[name].nan_to_num(-7))
        require(same, f"It changes the field {name} of the sample.")
