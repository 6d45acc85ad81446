"""A generator, trained with its critic and classifier, and tested on real features."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from taskspace.components import JSON, Call, Generator, Result
from taskspace.errors import CellError
from taskspace.learning.fitting.fit import Pace
from taskspace.learning.networks import seeded, settled
from taskspace.studies.zeroshot.cells.adversaries import Adversaries, Material, Networks
from taskspace.studies.zeroshot.cells.compositions import CompositionTable
from taskspace.studies.zeroshot.cells.evaluation import evaluated
from taskspace.studies.zeroshot.cells.features import features_of, scale_of
from taskspace.studies.zeroshot.cells.quality import quality
from taskspace.studies.zeroshot.cells.vectors import vectors_of
from taskspace.studies.zeroshot.job import GeneratorTraining, NetworkSizes
from taskspace.studies.zeroshot.networks.critic import Critic
from taskspace.studies.zeroshot.networks.words import WordNetwork

SLOPES = 1024
"""Interpolates on which the critic's slope is measured after training."""


def train_generator(call: Call) -> Result:
    """Train a generator on real features of seen compositions, and test its classifier.

    Features are divided by one number, so that those that are learnt from have a mean square of 1.

    Raises:
        CellError: if a loss stops being finite.
    """
    with settled(call.cpus):
        pairs = CompositionTable.of(call.inputs["compositions"])
        learned = _trained(call, pairs)
        learned.networks.eval()

        def score(_: np.ndarray, features: Tensor) -> Tensor:
            scores: Tensor = learned.networks.classifier(features / learned.material.scale)
            return scores

        tested = evaluated(call, pairs, score)
        record: dict[str, JSON] = {
            "evaluation": tested.record,
            "curve": learned.curve,
            "slope": float(learned.slopes(SLOPES).mean()),
            "quality": quality(call, pairs, learned),
            "parameters": sum(p.numel() for p in learned.networks.parameters()),
        }
        return Result(record, tested.arrays, learned.networks.state_dict())


def adversaries_of(call: Call, pairs: CompositionTable) -> Adversaries:
    """Return the networks of a call as they start, with what they learn from."""
    rows = pairs.samples("train")
    training = GeneratorTraining(**call.parameters["train"])
    stored = features_of(call, rows)
    scale = scale_of(stored)
    features = (stored / scale).to(call.device)
    vectors = vectors_of(call, pairs)
    component = call.component("generator", Generator)
    networks = _networks(call, component, vectors, features.shape[1]).to(call.device)
    wanted = pairs.seen if training.classified == "all" else np.zeros_like(pairs.seen)
    may = np.logical_or.reduce([pairs.candidates[phase] for phase in pairs.phases])
    material = Material(
        features,
        torch.from_numpy(pairs.pair[rows]).to(call.device),
        vectors,
        torch.from_numpy(np.flatnonzero(wanted | (may & ~pairs.seen))).to(call.device),
        component.noise_shape(networks.words.size),
        scale,
    )
    draws = torch.Generator(call.device).manual_seed(call.parameters["seed"])
    return Adversaries(networks, material, training, draws, call.checkpoint)


def _trained(call: Call, pairs: CompositionTable) -> Adversaries:
    learned = adversaries_of(call, pairs)
    learned.resume()
    pace = Pace(learned.size())
    while learned.done < learned.steps:
        learned.step()
        if learned.curve["step"] and learned.curve["step"][-1] == learned.done:
            _require_finite(learned, call.name)
        if pace.is_due():
            with pace.measured():
                learned.save()
    return learned


def _networks(call: Call, component: Generator, vectors: Tensor, features: int) -> Networks:
    sizes = NetworkSizes(**call.parameters["networks"])
    pairs, words, size = vectors.shape
    with seeded(call.parameters["seed"], "networks"):
        described = WordNetwork(words, size, sizes.words)
        critic = Critic(described.size, features, sizes.critic, sizes.critic_layers)
        classifier = nn.Linear(features, pairs)
        generator = component.build(described.size, features, words * size)
    return Networks(described, generator, critic, classifier)


def _require_finite(learned: Adversaries, name: str) -> None:
    for part, values in learned.curve.items():
        if not np.isfinite(values[-1]):
            raise CellError(
                f"The {part} loss became {values[-1]} by step {learned.done}.",
                where=name,
                advice="Lower `train.learning_rate` or the weight of the loss in `train`.",
            )
