"""What holds for an embedding."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from taskspace.components import Embedding, LabelledImages, TaskEmbedding
from taskspace.errors import InputError
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import NotApplicable, Subject, require, returned

IMAGES, CLASSES = 24, 3
WANTED = "a taskspace.components.TaskEmbedding"


def probe(device: str = "cpu") -> nn.Sequential:
    """Return a frozen network [B, 3, 16, 16] -> [B, 8, 4, 4] with statistics of batches."""
    with global_seeds(torch_seed=0, others=0):
        network = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1),
            nn.BatchNorm2d(8),
            nn.LeakyReLU(inplace=True),
            nn.Conv2d(8, 8, 3, stride=2, padding=1),
        )
    return network.eval().requires_grad_(False).to(device)


def task(*, turned: bool = False, device: str = "cpu") -> LabelledImages:
    """Return noise with a bright corner that says its class; `turned`, other labels of it."""
    generator = torch.Generator().manual_seed(7)
    images = torch.rand(IMAGES, 3, 16, 16, generator=generator)
    labels = torch.arange(IMAGES) % CLASSES
    images[:, 0, :8, :8] *= 0.5 * labels[:, None, None]
    if turned:
        labels = (torch.arange(IMAGES) // 2) % CLASSES
    return LabelledImages(images.clamp(0, 1).to(device), labels.to(device), CLASSES)


def embedded(embedding: Embedding, given: LabelledImages, network: nn.Module) -> TaskEmbedding:
    """Return a task's embedding, from the same generator each time."""
    found = embedding.embed(network, given, torch.Generator().manual_seed(3))
    return returned("embed()", found, TaskEmbedding, WANTED)


def vector_is_finite(subject: Subject) -> None:
    """A task has a finite vector in 64 bits, as long as any other; so has the trivial one."""
    embedding = subject.made(Embedding)
    lengths = set()
    for turned in (False, True):
        found = embedded(embedding, task(turned=turned), probe())
        parts = {"vector": found.vector} | ({} if found.base is None else {"base": found.base})
        for name, values in parts.items():
            array = returned(name, values, np.ndarray, "a numpy array [F]")
            fits = array.ndim == 1 and array.dtype == np.float64 and len(array) > 0
            require(fits, f"{name} is {array.dtype} {array.shape}; it must be float64 [F].")
            require(bool(np.isfinite(array).all()), f"{name} is not finite.")
            lengths.add(len(array))
        json.dumps(dict(found.record), allow_nan=False)
    require(len(lengths) == 1, f"Vectors by one network have the lengths {sorted(lengths)}.")


def draws_follow_the_generator_alone(subject: Subject) -> None:
    """Equal generators give equal vectors, and torch's own generator is left alone."""
    embedding = subject.made(Embedding)
    found = []
    for other in (1, 2):
        network, given = probe(), task()
        with global_seeds(torch_seed=other, others=other):
            before = torch.get_rng_state()
            found.append(embedded(embedding, given, network).vector)
            kept = torch.equal(before, torch.get_rng_state())
        require(kept, "It draws from torch's own generator, or sets it.")
    require(np.array_equal(found[0], found[1]), "Two vectors from equal generators differ.")


def network_is_left_as_it_was(subject: Subject) -> None:
    """Weights, buffers, gradients, modes and hooks of the probe are as before."""
    embedding, network, fresh = subject.made(Embedding), probe(), probe()
    # In training mode and asking for gradients, what is not put back shows.
    network.train().requires_grad_(True)
    network[1].eval()
    modes = [module.training for module in network.modules()]
    embedded(embedding, task(), network)
    for name, value in network.state_dict().items():
        same = torch.equal(value, fresh.state_dict()[name])
        require(same, f"{name} of the network is changed.")
    after = [module.training for module in network.modules()]
    require(after == modes, "Modes of the network, training or evaluation, are changed.")
    for name, weight in network.named_parameters():
        require(weight.grad is None, f"{name} of the network is left with a gradient.")
        require(weight.requires_grad, f"{name} of the network no longer asks for gradients.")
    hooks = [h for m in network.modules() for h in (m._forward_hooks, m._forward_pre_hooks)]
    require(not any(hooks), "The network is left with hooks.")


def task_is_left_as_it_was(subject: Subject) -> None:
    """Images and labels are as before."""
    given = task()
    embedded(subject.made(Embedding), given, probe())
    same = torch.equal(given.images, task().images) and torch.equal(given.labels, task().labels)
    require(same, "Images or labels are changed.")


def labels_are_read_as_declared(subject: Subject) -> None:
    """Other labels of the same images change the vector, or do not where none are read."""
    embedding = subject.made(Embedding)
    vectors = [embedded(embedding, task(turned=turned), probe()).vector for turned in (False, True)]
    same = np.array_equal(vectors[0], vectors[1])
    if embedding.reads_labels:
        require(not same, "Other labels do not change the vector; declare reads_labels = False.")
    else:
        require(same, "Other labels change the vector, and reads_labels is False.")


def unusable_tasks_are_refused(subject: Subject) -> None:
    """Images that hold NaN are an InputError; so is one class, where labels are read."""
    embedding, good = subject.made(Embedding), task()
    images = good.images.clone()
    images[5, 0, 2, 2] = torch.nan
    refused = {"an image that holds NaN": replace(good, images=images)}
    if embedding.reads_labels:
        refused["one class"] = replace(good, labels=torch.zeros_like(good.labels))
    for what, given in refused.items():
        try:
            embedded(embedding, given, probe())
        except InputError:
            continue
        require(False, f"A task with {what} has an embedding; it must be an InputError.")


def distances_fit_the_tasks(subject: Subject) -> None:
    """Distances are finite, [first, second], and no task is nearer to one than that one itself."""
    embedding, tasks = subject.made(Embedding), _several(subject)
    found = _distances(embedding, tasks, tasks[:2])
    require(found.shape == (3, 2), f"3 tasks and 2 tasks have distances {found.shape}.")
    require(bool(np.isfinite(found).all()), "Distances are not finite.")
    whole = _distances(embedding, tasks, tasks)
    own = whole.diagonal()
    nearest = bool((own[:, None] <= whole + 1e-9 * np.abs(whole).max()).all())
    require(nearest, "A task is nearer to another task than to itself.")


def distances_are_of_pairs(subject: Subject) -> None:
    """The distance of two tasks does not depend on the others that are asked for."""
    embedding, tasks = subject.made(Embedding), _several(subject)
    whole = _distances(embedding, tasks, tasks)
    alone = [[_distances(embedding, [a], [b])[0, 0] for b in tasks] for a in tasks]
    close = np.allclose(whole, alone, rtol=1e-6, atol=1e-9)
    require(close, "The distance of two tasks depends on what else is compared.")


def difficulty_is_a_number(subject: Subject) -> None:
    """The difficulty of a task is a finite number, or None."""
    embedding = subject.made(Embedding)
    found = embedding.difficulty(embedded(embedding, task(), probe()))
    if found is not None:
        number = returned("difficulty()", found, float, "a float or None")
        require(bool(np.isfinite(number)), f"The difficulty is {number}.")


def embedding_runs_on_gpu(subject: Subject) -> None:
    """On a GPU the vector is what it is on a CPU."""
    if not torch.cuda.is_available():
        raise NotApplicable("There is no GPU here.")
    embedding = subject.made(Embedding)
    here = embedded(embedding, task(), probe()).vector
    there = embedded(embedding, task(device="cuda"), probe("cuda")).vector
    close = np.linalg.norm(here - there) <= 1e-2 * np.linalg.norm(here)
    require(bool(close), "The vector is another one on the GPU.")


def _several(subject: Subject) -> list[TaskEmbedding]:
    embedding, first, second = subject.made(Embedding), task(), task(turned=True)
    half = LabelledImages(first.images[::2], first.labels[::2], CLASSES)
    return [embedded(embedding, each, probe()) for each in (first, second, half)]


def _distances(
    embedding: Embedding, first: list[TaskEmbedding], second: list[TaskEmbedding]
) -> NDArray[np.float64]:
    found = embedding.distances(first, second)
    return returned("distances()", found, np.ndarray, "a numpy array [first, second]")
