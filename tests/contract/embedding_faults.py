"""Embeddings that break just what a check looks for."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from conformance_samples import GoodEmbedding
from fault_table import breaks

from taskspace.components import Embedding
from taskspace.errors import InputError


class Reembedded(GoodEmbedding):
    """Changes what comes out."""

    def change(self, found):
        raise NotImplementedError

    def embed(self, network, task, generator):
        return self.change(super().embed(network, task, generator))


@breaks("vector_is_finite")
class InSingle(Reembedded):
    def change(self, found):
        return replace(found, vector=found.vector.astype(np.float32))


@breaks("vector_is_finite")
class HasNoBound(Reembedded):
    def change(self, found):
        largest = found.vector == found.vector.max()
        return replace(found, vector=np.where(largest, np.inf, found.vector))


@breaks("vector_is_finite")
class OnlyTheLarge(Reembedded):
    def change(self, found):
        return replace(found, vector=found.vector[found.vector > np.median(found.vector) / 2])


@breaks("vector_is_finite")
class ShortBase(Reembedded):
    def change(self, found):
        return replace(found, base=found.vector[1:])


@breaks("vector_is_finite")
class RecordsArrays(Reembedded):
    def change(self, found):
        return replace(found, record={"vector": found.vector})


@breaks("draws_follow_the_generator_alone")
class DrawsLabelsFromTorch(GoodEmbedding):
    def embed(self, network, task, generator):
        drawn = replace(task, labels=task.labels[torch.randperm(len(task.labels))])
        return super().embed(network, drawn, generator)


@breaks("draws_follow_the_generator_alone")
class SeedsTorch(GoodEmbedding):
    def embed(self, network, task, generator):
        torch.manual_seed(generator.initial_seed())
        return super().embed(network, task, generator)


@breaks("draws_follow_the_generator_alone")
class NoiseOfNumpy(Reembedded):
    def change(self, found):
        return replace(found, vector=found.vector + np.random.rand())


@breaks("network_is_left_as_it_was")
class ScalesTheProbe(GoodEmbedding):
    def embed(self, network, task, generator):
        with torch.no_grad():
            for weight in network.parameters():
                weight.mul_(2)
        return super().embed(network, task, generator)


@breaks("network_is_left_as_it_was")
class SeesBatches(GoodEmbedding):
    def embed(self, network, task, generator):
        network.train()
        with torch.no_grad():
            network(task.images)
        return super().embed(network, task, generator)


@breaks("network_is_left_as_it_was")
class LeavesItInEvaluation(GoodEmbedding):
    def embed(self, network, task, generator):
        return super().embed(network.eval(), task, generator)


@breaks("network_is_left_as_it_was")
class FreezesIt(GoodEmbedding):
    def embed(self, network, task, generator):
        return super().embed(network.requires_grad_(False), task, generator)


@breaks("network_is_left_as_it_was")
class LeavesGradients(GoodEmbedding):
    def embed(self, network, task, generator):
        found = super().embed(network, task, generator)
        with torch.enable_grad():
            network.eval()(task.images).sum().backward()
        return found


@breaks("network_is_left_as_it_was")
class LeavesAHook(GoodEmbedding):
    def embed(self, network, task, generator):
        network.register_forward_hook(lambda module, given, output: None)
        return super().embed(network, task, generator)


@breaks("task_is_left_as_it_was")
class CentresImages(GoodEmbedding):
    def embed(self, network, task, generator):
        task.images.sub_(0.5)
        return super().embed(network, task, generator)


@breaks("labels_are_read_as_declared")
class Unlabelled(GoodEmbedding):
    reads_labels: ClassVar[bool] = False


@breaks("labels_are_read_as_declared")
class IgnoresLabels(GoodEmbedding):
    def embed(self, network, task, generator):
        labels = torch.arange(len(task.labels)) % task.classes
        return super().embed(network, replace(task, labels=labels), generator)


@breaks("unusable_tasks_are_refused")
class FillsHoles(GoodEmbedding):
    def embed(self, network, task, generator):
        return super().embed(network, replace(task, images=task.images.nan_to_num()), generator)


@breaks("unusable_tasks_are_refused")
class ZeroForOneClass(GoodEmbedding):
    def embed(self, network, task, generator):
        one = len(task.labels.unique()) == 1
        labels = torch.arange(len(task.labels)) % task.classes if one else task.labels
        return super().embed(network, replace(task, labels=labels), generator)


@breaks("unusable_tasks_are_refused")
class FallsOverNan(GoodEmbedding):
    def embed(self, network, task, generator):
        try:
            return super().embed(network, task, generator)
        except InputError as error:
            raise ValueError(error.what) from error


class Measured(GoodEmbedding):
    """Changes distances."""

    def change(self, found):
        raise NotImplementedError

    def distances(self, first, second):
        return self.change(super().distances(first, second))


@breaks("distances_fit_the_tasks")
class DistancesTurned(Measured):
    def change(self, found):
        return found.T


@breaks("distances_fit_the_tasks")
class Nearness(Measured):
    def change(self, found):
        return 1 - found


@breaks("distances_fit_the_tasks")
class LogDistances(Measured):
    def change(self, found):
        with np.errstate(divide="ignore"):
            return np.log(found * (found > 1e-9))


@breaks("distances_are_of_pairs")
class SharesOfDistance(Measured):
    def change(self, found):
        return found / max(found.sum(), 1e-9)


@breaks("difficulty_is_a_number")
class DifficultyOfEach(GoodEmbedding):
    def difficulty(self, task):
        return task.vector


@breaks("difficulty_is_a_number")
class InfinitelyHard(GoodEmbedding):
    def difficulty(self, task):
        return float("inf")


@breaks("embedding_runs_on_gpu")
class StaysOnTheCpu(Embedding):
    """Takes images to be where numpy finds them."""

    name: ClassVar[str] = "stays_on_the_cpu"

    def embed(self, network, task, generator):
        return GoodEmbedding().embed(network.cpu(), replace(task, images=task.images.numpy()), None)

    def distances(self, first, second):
        return GoodEmbedding().distances(first, second)
