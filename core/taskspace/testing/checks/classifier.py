"""What holds for a classifier of compositions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from taskspace.components import Classifier
from taskspace.testing.checks.network import Build, network_checks
from taskspace.testing.checks.randomness import global_seeds
from taskspace.testing.subject import NotApplicable, Subject, require, returned

IMAGES = 5
FEATURES = 7
SIZE = 6
DESCRIPTIONS = 4


@dataclass(frozen=True)
class ClassifierTrial:
    """A classifier of compositions of some words."""

    classifier: Classifier
    words: int

    @property
    def name(self) -> str:
        """Return the number of words, in words."""
        return f"{self.words} word(s)"

    @property
    def scoring(self) -> Build:
        """Return the network with its descriptions: features [B, F] -> scores [B, P]."""
        return Build(self.name, self._with_descriptions, (FEATURES,), (DESCRIPTIONS,))

    def network(self) -> nn.Module:
        """Return a network built under a seed, in evaluation."""
        with global_seeds(torch_seed=0, others=0):
            return self._built().eval()

    def features(self) -> Tensor:
        """Return features [B, F], none below 0, as those behind a ReLU are."""
        return torch.rand(IMAGES, FEATURES, generator=torch.Generator().manual_seed(1))

    def descriptions(self) -> Tensor:
        """Return descriptions [P, words, size]."""
        draws = torch.Generator().manual_seed(2)
        return torch.randn(DESCRIPTIONS, self.words, SIZE, generator=draws)

    def truth(self) -> Tensor:
        """Return which description each image has [B]; one of them has none."""
        return torch.arange(IMAGES) % (DESCRIPTIONS - 1)

    def loss(self, network: nn.Module, features: Tensor, truth: Tensor) -> Tensor:
        """Return the loss of each image."""
        losses = self.classifier.loss(network, features, self.descriptions(), truth)
        return returned("loss()", losses, Tensor, "a torch.Tensor [B]")

    def _built(self) -> nn.Module:
        made = self.classifier.build(self.words, SIZE, FEATURES)
        return returned("build()", made, nn.Module, "a torch.nn.Module")

    def _with_descriptions(self) -> nn.Module:
        return _WithDescriptions(self._built(), self.descriptions())


class _WithDescriptions(nn.Module):
    """A classifier's network with descriptions to score."""

    def __init__(self, inner: nn.Module, descriptions: Tensor) -> None:
        super().__init__()
        self.inner = inner
        self.descriptions = nn.Buffer(descriptions)

    def forward(self, features: Tensor) -> object:
        return self.inner(features, self.descriptions)


def trials(subject: Subject) -> Iterator[ClassifierTrial]:
    """Yield the classifier of compositions of one word, of two, and of three."""
    classifier = subject.made(Classifier)
    for words in (1, 2, 3):
        yield ClassifierTrial(classifier, words)


def scores_depend_on_no_other_description(subject: Subject) -> None:
    """A description has the score that it has alone, wherever it stands among others."""
    for trial in trials(subject):
        network, features = trial.network(), trial.features()
        descriptions = trial.descriptions()
        with torch.no_grad():
            together = network(features, descriptions)
            alone = torch.cat([network(features, one[None]) for one in descriptions], dim=1)
            turned = network(features, descriptions.flip(0)).flip(1)
        for scores in (alone, turned):
            close = torch.allclose(together, scores, rtol=1e-3, atol=1e-4)
            require(close, f"{trial.name}: a score depends on the other descriptions.")


def words_and_features_are_used(subject: Subject) -> None:
    """Scores differ between images, between descriptions, and with any word of a description."""
    for trial in trials(subject):
        network, features = trial.network(), trial.features()
        descriptions = trial.descriptions()
        with torch.no_grad():
            scores = network(features, descriptions)
            same = torch.allclose(scores[:1].expand_as(scores), scores)
            require(not same, f"{trial.name}: the scores of all images are the same.")
            for word in range(trial.words):
                other = descriptions.clone()
                other[:, word] = descriptions[:, word].roll(1, dims=0)
                changed = not torch.equal(scores, network(features, other))
                require(changed, f"{trial.name}: another word {word} changes no score.")


def network_keeps_its_descriptions(subject: Subject) -> None:
    """The descriptions are as they were."""
    for trial in trials(subject):
        descriptions = trial.descriptions()
        with torch.no_grad():
            trial.network()(trial.features(), descriptions)
        kept = torch.equal(descriptions, trial.descriptions())
        require(kept, f"{trial.name}: the descriptions are changed.")


def loss_is_one_value_per_image(subject: Subject) -> None:
    """Each image has a finite loss."""
    for trial in trials(subject):
        losses = trial.loss(trial.network(), trial.features(), trial.truth())
        shape = tuple(losses.shape)
        require(shape == (IMAGES,), f"{trial.name}: the loss of {IMAGES} images is {shape}.")
        require(bool(losses.isfinite().all()), f"{trial.name}: the loss is {losses.tolist()}.")


def loss_judges_each_image_alone(subject: Subject) -> None:
    """In evaluation a loss does not depend on the rest of the batch."""
    for trial in trials(subject):
        network, features, truth = trial.network(), trial.features(), trial.truth()
        with torch.no_grad():
            together = trial.loss(network, features, truth)
            parts = [(features[i : i + 1], truth[i : i + 1]) for i in range(IMAGES)]
            alone = torch.cat([trial.loss(network, *part).reshape(-1) for part in parts])
        close = together.shape == alone.shape and torch.allclose(together, alone, rtol=1e-3)
        require(close, f"{trial.name}: a loss depends on the rest of the batch.")


def loss_is_differentiable(subject: Subject) -> None:
    """The loss has a finite gradient by every weight, and not by none."""
    for trial in trials(subject):
        network = trial.network().train()
        loss = trial.loss(network, trial.features(), trial.truth()).mean()
        require(loss.requires_grad, f"{trial.name}: the loss has no gradient.")
        learnt = {name: p for name, p in network.named_parameters() if p.requires_grad}
        gradients = torch.autograd.grad(loss, list(learnt.values()), allow_unused=True)
        for name, gradient in zip(learnt, gradients, strict=True):
            finite = gradient is not None and bool(gradient.isfinite().all())
            require(finite, f"{trial.name}: the gradient of {name} is missing or not finite.")
        moved = any(bool(gradient.any()) for gradient in gradients)
        require(moved, f"{trial.name}: the gradient of the loss is 0.")


def loss_keeps_its_arguments(subject: Subject) -> None:
    """Features, descriptions and truth are left as they were."""
    for trial in trials(subject):
        given = trial.features(), trial.descriptions(), trial.truth()
        with torch.no_grad():
            trial.classifier.loss(trial.network(), *given)
        wanted = trial.features(), trial.descriptions(), trial.truth()
        same = all(torch.equal(*pair) for pair in zip(given, wanted, strict=True))
        require(same, f"{trial.name}: the loss changes what it is given.")


def loss_runs_on_gpu(subject: Subject) -> None:
    """On a GPU the loss is what it is on a CPU."""
    if not torch.cuda.is_available():
        raise NotApplicable("There is no GPU here.")
    for trial in trials(subject):
        given = trial.features(), trial.descriptions(), trial.truth()
        with torch.no_grad():
            on_cpu = trial.classifier.loss(trial.network(), *given)
            on_gpu = trial.classifier.loss(trial.network().cuda(), *(part.cuda() for part in given))
        require(on_gpu.is_cuda, f"{trial.name}: the loss leaves the device.")
        close = torch.allclose(on_cpu, on_gpu.cpu(), rtol=1e-2, atol=1e-2)
        require(close, f"{trial.name}: the loss is another one on the GPU.")


def _builds(subject: Subject) -> Iterator[Build]:
    for trial in trials(subject):
        yield trial.scoring


globals().update(network_checks(_builds))
