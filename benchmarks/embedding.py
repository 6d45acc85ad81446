"""Task2Vec against the classical way: the squared gradient of a batch's mean loss.

python benchmarks/embedding.py [--images 2000] [--draws 10000] [--repetitions 8] [--pilot 512]
    [--threads 1] [--peer PATH]

One network (ResNet-18 as in torchvision, random weights), one task, one head. The classical way is
of our own writing: torch autograd over all weights, batches of 64, normalisation by the batch, one
label drawn an image, and the mean over batches of the squared gradient; 10,000 draws is the public
implementation's default. With `--peer` its own code (awslabs/aws-cv-task2vec, a checkout) runs too.

Two ways whose estimates differ in scale are compared by relative variance: the sum over filters of
the variance over repetitions, divided by the squared norm of the mean. Variance falls with 1/draws,
so "at equal variance" is the ratio of seconds times variance. Seconds are the processor's, of the
whole embedding: codes, head and Fisher information.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import importlib
import io
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import TensorDataset

from taskspace.components import LabelledImages
from taskspace_plugins.embeddings.task2vec import Task2Vec
from taskspace_plugins.fisher.head import fit_head
from taskspace_plugins.fisher.passes import features_of

CLASSES, BATCH = 10, 64


class Block(nn.Module):
    """A basic block of He et al. 2016."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.shortcut: nn.Module = nn.Identity()
        if before != after:
            convolution = nn.Conv2d(before, after, 1, stride, bias=False)
            self.shortcut = nn.Sequential(convolution, nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        """Return [B, after, H / stride, W / stride]."""
        branch = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (branch + self.shortcut(x)).relu()


def resnet18() -> nn.Module:
    """Return the network up to its pooling, [B, 3, H, W] -> [B, 512, H / 32, W / 32]."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    before = 64
    for after, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(before, after, stride), Block(after, after, 1)]
        before = after
    network = nn.Sequential(*layers)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # one pass gives it its statistics
    return network


def blobs(count: int) -> LabelledImages:
    """Return noise with a tinted square that says the class, 32 x 32."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(count, 3, 32, 32, generator=generator)
    labels = torch.randint(CLASSES, (count,), generator=generator)
    for label in range(CLASSES):
        row, column = 8 * (label // 4), 8 * (label % 4)
        images[labels == label, label % 3, row : row + 8, column : column + 8] += 0.2
    return LabelledImages(images.clamp(0, 1), labels, CLASSES)


Draws = int
Way = Callable[[LabelledImages, Draws, int], np.ndarray]
"""Images with labels, draws and a seed -> [F]."""


def ours(network: nn.Module, labels: str) -> Way:
    """Return our embedding, with as many images as there are draws."""
    embedding = Task2Vec(labels=labels, batch=BATCH)

    def embedded(task: LabelledImages, draws: Draws, seed: int) -> np.ndarray:
        assert draws % len(task.images) == 0, "an image has a whole number of draws"
        chosen = embedding.model_copy(update={"draws": draws // len(task.images)})
        return chosen.embed(network, task, torch.Generator().manual_seed(seed)).vector

    return embedded


def classical(network: nn.Module) -> Way:
    """Return the mean over batches of the squared gradient of the mean loss, over all weights."""

    def embedded(task: LabelledImages, draws: Draws, seed: int) -> np.ndarray:
        generator = torch.Generator().manual_seed(seed)
        trained = copy.deepcopy(network).eval()
        features = features_of(trained, task.images, BATCH)
        head = fit_head(features, task.labels, task.classes, 0.01)
        weight, bias = head.weight.float(), head.bias.float()
        filters = [p for p in trained.parameters() if p.ndim == 4]
        total = [torch.zeros_like(p) for p in filters]
        count = 0
        trained.train()
        for rows in batches(len(task.images), draws, generator):
            codes = trained(task.images[rows]).mean(dim=(2, 3))
            logits = functional.linear(codes, weight, bias)
            drawn = torch.multinomial(logits.detach().softmax(1), 1, generator=generator)[:, 0]
            trained.zero_grad()
            functional.cross_entropy(logits, drawn).backward()
            for sums, parameter in zip(total, filters, strict=True):
                sums.add_(parameter.grad.square())
            count += 1
        return torch.cat([t.flatten(1).mean(1) for t in total]).double().numpy() / count

    return embedded


def batches(images: int, draws: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield rows of images, until there are as many as draws; each pass in another order."""
    while draws > 0:
        order = torch.randperm(images, generator=generator)
        for rows in order.split(BATCH):
            if draws > 0:
                yield rows[:draws]
            draws -= len(rows)


def peer(network: nn.Module, path: str) -> Way:
    """Return the public implementation, from a checkout; a fresh copy of the network each time."""
    sys.path.insert(0, path)
    theirs = importlib.import_module("task2vec")

    class Probe(theirs.ProbeNetwork):  # type: ignore[name-defined, misc]
        """The network with the last layer and the list of layers that it is asked for."""

        def __init__(self) -> None:
            super().__init__()
            trunk = copy.deepcopy(network)
            self.fc = nn.Linear(512, CLASSES)
            pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
            self.layers = nn.ModuleList([*trunk, pool, self.fc])

        @property
        def classifier(self) -> nn.Module:
            """Return the last layer."""
            return self.fc

        def forward(self, x: Tensor, start_from: int = 0) -> Tensor:
            """Return logits."""
            for layer in list(self.layers)[start_from:]:
                x = layer(x)
            return x

    def embedded(task: LabelledImages, draws: Draws, seed: int) -> np.ndarray:
        torch.manual_seed(seed)
        data = TensorDataset(task.images, task.labels)
        data.targets = task.labels.numpy()
        options = {"num_workers": 0, "num_samples": draws, "batch_size": BATCH}
        with contextlib.redirect_stdout(io.StringIO()):
            made = theirs.Task2Vec(Probe(), loader_opts=options).embed(data)
        return np.asarray(made.hessian, dtype=np.float64)

    return embedded


def variance(way: Way, task: LabelledImages, draws: int, repetitions: int) -> float:
    """Return the relative variance of estimates from `draws` draws each."""
    found = np.stack([way(task, draws, seed) for seed in range(repetitions)])
    return float(found.var(axis=0, ddof=1).sum() / np.square(found.mean(axis=0)).sum())


def seconds(way: Way, task: LabelledImages, draws: int) -> float:
    """Return the processor's seconds of one embedding: others' load does not count."""
    start = time.process_time()
    way(task, draws, 0)
    return time.process_time() - start


def main() -> None:
    """Print seconds and relative variance of each way, and ratios at equal draws and variance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=10_000, help="of the classical way")
    parser.add_argument("--repetitions", type=int, default=8, help="for variances")
    parser.add_argument("--pilot", type=int, default=512, help="draws of each repetition")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer", help="a checkout of awslabs/aws-cv-task2vec")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network, task = resnet18(), blobs(options.images)
    with torch.no_grad():  # statistics, as a trained network has them
        network.train()(task.images[:BATCH])
    network.eval()
    part = LabelledImages(task.images[: options.pilot], task.labels[: options.pilot], CLASSES)
    ways = {"ours, signs": ours(network, "signs"), "classical": classical(network)}
    if options.peer:
        ways["public"] = peer(network, options.peer)
    print(
        f"{options.images} images 32x32, ResNet-18, {CLASSES} classes, {options.threads} thread; "
        f"variance: {options.repetitions} estimates of {options.pilot} draws, by 1 / draws\n"
        f"{'':16}{'draws':>8}{'seconds':>10}{'rel. variance':>15}"
    )
    rows: dict[tuple[str, int], tuple[float, float]] = {}
    for name, way in ways.items():
        spread = variance(way, part, options.pilot, options.repetitions)
        for draws in sorted(
            {options.images, *([] if name.startswith("ours") else [options.draws])}
        ):
            rows[name, draws] = seconds(way, task, draws), spread * options.pilot / draws
            took, found = rows[name, draws]
            print(f"{name:16}{draws:8}{took:10.2f}{found:15.2e}", flush=True)
    took, found = rows["ours, signs", options.images]
    for (name, draws), (other, spread) in rows.items():
        if not name.startswith("ours"):
            equal = "at equal draws " if draws == options.images else "of its default "
            print(
                f"{name}, {draws} draws: {other / took:.1f} x our seconds {equal}"
                f"({other * spread / (took * found):.1f} x at equal variance)"
            )
    exact = ours(network, "exact")
    print(f"ours, exact (no variance): {seconds(exact, task, options.images):.2f} s")


if __name__ == "__main__":
    main()
