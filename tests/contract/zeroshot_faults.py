"""Components of zero-shot learning that break just what a check looks for."""

from __future__ import annotations

import random
from functools import partial
from typing import ClassVar

import numpy as np
import torch
from conformance_samples import GoodClassifier, GoodDataset, GoodGenerator, GoodLexicon
from fault_table import breaks
from torch import nn

from taskspace.components import Compositions


class Regenerated(GoodGenerator):
    """Changes what its networks are given, or what they give."""

    def change(self, inner, task, noise, *words):
        raise NotImplementedError

    def build(self, task, features, words=None):
        network = super().build(task, features, words)
        network.forward = partial(self.change, network.forward)
        return network


@breaks("noise_shape_is_declared")
class OneNumberOfNoise(GoodGenerator):
    def noise_shape(self, task):
        return task


@breaks("noise_shape_is_declared")
class NoLevels(GoodGenerator):
    def noise_shape(self, task):
        return 0, task


@breaks("noise_shape_is_declared")
class NoiseAsItPleases(GoodGenerator):
    def noise_shape(self, task):
        return random.randrange(2, 1000), task


@breaks("network_gives_declared_shape")
class TakesNoWords(Regenerated):
    def change(self, inner, task, noise):
        return inner(task, noise)


@breaks("network_gives_declared_shape")
class OneFeatureTooFew(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task, noise, *words)[:, 1:]


@breaks("network_judges_each_image_alone")
class NormalisesNoise(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task, noise - noise.mean(dim=0), *words)


@breaks("network_keeps_its_input")
class ScalesNoise(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task, noise.mul_(0.5), *words)


@breaks("network_is_fresh")
class SameGenerator(GoodGenerator):
    built: ClassVar[dict[tuple[int, int | None], nn.Module]] = {}

    def build(self, task, features, words=None):
        if (task, words) not in self.built:
            self.built[task, words] = super().build(task, features, words)
        return self.built[task, words]


@breaks("network_gradients_are_finite")
class CutsGradients(Regenerated):
    def change(self, inner, task, noise, *words):
        with torch.no_grad():
            hidden = inner(task, noise, *words)
        return hidden.requires_grad_()


@breaks("draws_nothing_itself")
class AddsItsOwnNoise(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task, noise + torch.randn_like(noise), *words)


@breaks("draws_nothing_itself")
class DropsWhileTraining(GoodGenerator):
    def build(self, task, features, words=None):
        network = super().build(task, features, words)
        network.inner = nn.Dropout(0.5)
        return network


@breaks("draws_nothing_itself")
class DrawsFromNumpyToo(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task, noise, *words) + float(np.random.rand())


@breaks("draws_nothing_itself")
class SeedsTorchAgain(Regenerated):
    def change(self, inner, task, noise, *words):
        torch.manual_seed(3)
        return inner(task, noise, *words)


@breaks("every_level_of_noise_is_used")
class IgnoresNoise(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task, noise * 0, *words)


@breaks("every_level_of_noise_is_used")
class DeclaresOneLevelMore(GoodGenerator):
    def noise_shape(self, task):
        levels, size = super().noise_shape(task)
        return levels + 1, size


@breaks("task_is_used")
class IgnoresTheTask(Regenerated):
    def change(self, inner, task, noise, *words):
        return inner(task * 0, noise, *words)


@breaks("last_noise_is_one_row_per_task")
class MeanOfLastNoise(GoodGenerator):
    def last_noise(self, network, task, noise, words=None):
        return super().last_noise(network, task, noise, words).mean(dim=0)


@breaks("last_noise_is_one_row_per_task")
class LastNoiseInPlace(GoodGenerator):
    def last_noise(self, network, task, noise, words=None):
        return super().last_noise(network, task, noise.mul_(2), words)


@breaks("last_noise_is_one_row_per_task")
class LastNoiseAsAList(GoodGenerator):
    def last_noise(self, network, task, noise, words=None):
        return super().last_noise(network, task, noise, words).tolist()


class Rescored(GoodClassifier):
    """Changes what its networks are given, or what they give."""

    def change(self, inner, features, descriptions):
        raise NotImplementedError

    def build(self, words, size, features):
        network = super().build(words, size, features)
        network.forward = partial(self.change, network.forward)
        return network


@breaks("network_gives_declared_shape")
class OnlyPairs(GoodClassifier):
    def build(self, words, size, features):
        return super().build(2, size, features)


@breaks("network_gives_declared_shape")
class ScoresTurned(Rescored):
    def change(self, inner, features, descriptions):
        return inner(features, descriptions).T


@breaks("network_judges_each_image_alone")
class CentresFeatures(Rescored):
    def change(self, inner, features, descriptions):
        return inner(features - features.mean(dim=0), descriptions)


@breaks("network_keeps_its_input")
class ScalesFeatures(Rescored):
    def change(self, inner, features, descriptions):
        return inner(features.div_(2.0), descriptions)


@breaks("network_keeps_its_descriptions")
class ScalesDescriptions(Rescored):
    def change(self, inner, features, descriptions):
        return inner(features, descriptions.div_(2.0))


@breaks("scores_depend_on_no_other_description")
class ScoresInShares(Rescored):
    def change(self, inner, features, descriptions):
        return inner(features, descriptions).log_softmax(dim=1)


@breaks("scores_depend_on_no_other_description")
class FavoursTheFirst(Rescored):
    def change(self, inner, features, descriptions):
        places = torch.arange(len(descriptions), device=features.device)
        return inner(features, descriptions) - places


@breaks("words_and_features_are_used")
class IgnoresTheLastWord(Rescored):
    def change(self, inner, features, descriptions):
        kept = torch.ones_like(descriptions)
        kept[:, -1] = 0
        return inner(features, descriptions * kept)


@breaks("words_and_features_are_used")
class IgnoresTheImage(Rescored):
    def change(self, inner, features, descriptions):
        return inner(torch.ones_like(features), descriptions)


class Relearnt(GoodClassifier):
    """Changes its loss."""

    def change(self, losses):
        raise NotImplementedError

    def loss(self, network, features, descriptions, truth):
        return self.change(super().loss(network, features, descriptions, truth))


@breaks("loss_is_one_value_per_image")
class MeanLoss(Relearnt):
    def change(self, losses):
        return losses.mean()


@breaks("loss_is_one_value_per_image")
class LogOfNothing(Relearnt):
    def change(self, losses):
        return (losses * 0).log()


@breaks("loss_judges_each_image_alone")
class LossInShares(Relearnt):
    def change(self, losses):
        return losses / losses.sum()


@breaks("loss_is_differentiable")
class LossWithoutGradient(Relearnt):
    def change(self, losses):
        return losses.detach()


@breaks("loss_is_differentiable")
class FlatLoss(Relearnt):
    def change(self, losses):
        return losses * 0


@breaks("loss_is_differentiable")
class SteepLoss(Relearnt):
    def change(self, losses):
        return losses + (losses * 0).sqrt()


@breaks("loss_keeps_its_arguments")
class SortsTheTruth(GoodClassifier):
    def loss(self, network, features, descriptions, truth):
        return super().loss(network, features, descriptions, truth.copy_(truth.sort().values))


@breaks("loss_runs_on_gpu")
class LossAtHome(Relearnt):
    def change(self, losses):
        return losses.cpu()


class Reworded(GoodLexicon):
    """Changes the counts, or the vectors of names."""

    def change(self, names, vectors):
        raise NotImplementedError

    def vectors(self, names, sentences):
        return self.change(names, super().vectors(names, sentences))


@breaks("vectors_fit_the_names")
class VectorsTurned(Reworded):
    def change(self, names, vectors):
        return vectors.T


@breaks("vectors_fit_the_names")
class WideNumbers(Reworded):
    def change(self, names, vectors):
        return vectors.astype(np.float64)


@breaks("vectors_fit_the_names")
class VectorsWithHoles(Reworded):
    def change(self, names, vectors):
        return np.where(vectors > 0, vectors, np.float32(np.nan))


@breaks("vectors_fit_the_names")
class KnowsNothing(GoodLexicon):
    def vectors(self, names, sentences):
        return super().vectors(names, ())


@breaks("vectors_are_the_same_twice")
class VectorsByChance(Reworded):
    def change(self, names, vectors):
        return vectors + np.float32(np.random.rand())


@breaks("vectors_follow_the_order_of_names")
class SortsNames(Reworded):
    def change(self, names, vectors):
        return vectors[np.argsort(names)]


@breaks("vectors_follow_the_order_of_names")
class CountsPlaces(Reworded):
    def change(self, names, vectors):
        return vectors + np.arange(len(names), dtype=np.float32)[:, None]


@breaks("several_words_have_their_mean")
class SumsWords(Reworded):
    def change(self, names, vectors):
        return vectors * np.array([[len(name.split())] for name in names], np.float32)


@breaks("several_words_have_their_mean")
class CountsAWordOnce(GoodLexicon):
    def of_names(self, names, counts):
        return super().of_names([" ".join(dict.fromkeys(n.split())) for n in names], counts)


@breaks("unknown_words_are_all_listed")
class NamesTheFirst(GoodLexicon):
    def of_names(self, names, counts):
        for name in names:
            super().of_names([name], counts)
        return super().of_names(names, counts)


@breaks("unknown_words_are_all_listed")
class ZerosForTheUnknown(GoodLexicon):
    def of_names(self, names, counts):
        known = {w: counts.get(w, 0 * counts["the"]) for n in names for w in n.split()}
        return super().of_names(names, known)


@breaks("unknown_words_are_all_listed")
class OneVectorForTheUnknown(GoodLexicon):
    def of_names(self, names, counts):
        known = {w: counts.get(w, counts["the"]) for n in names for w in n.split()}
        return super().of_names(names, known)


@breaks("unknown_words_are_all_listed")
class FallsOverTheUnknown(GoodLexicon):
    def of_names(self, names, counts):
        return np.array([np.mean([counts[w] for w in n.split()], axis=0) for n in names])


@breaks("word_fields_hold_classes")
class WordOfNumbers(GoodDataset):
    def word_fields(self):
        return ["label", "age"]


class Published(GoodDataset):
    """Says which compositions of its one word were published."""

    fields_of_words: ClassVar[tuple[str, ...]] = ("label",)
    parts_of_words: ClassVar[dict[str, tuple[tuple[str, ...], ...]]] = {}

    def compositions(self):
        return Compositions(self.fields_of_words, self.parts_of_words)


@breaks("compositions_are_of_its_classes")
class PublishedForNothing(Published):
    parts_of_words: ClassVar = {"test": (("a",),)}


@breaks("compositions_are_of_its_classes")
class PublishedTwice(Published):
    parts_of_words: ClassVar = {"train": (("a",),), "test": (("b",), ("b",))}


@breaks("compositions_are_of_its_classes")
class PublishedStrangers(Published):
    parts_of_words: ClassVar = {"train": (("a",),), "test": (("c",),)}


@breaks("compositions_are_of_its_classes")
class PublishedPairs(Published):
    parts_of_words: ClassVar = {"train": (("a", "b"),)}


@breaks("compositions_are_of_its_classes")
class PublishedOfNumbers(Published):
    fields_of_words: ClassVar[tuple[str, ...]] = ("age",)
    parts_of_words: ClassVar = {"train": (("a",),)}


@breaks("sentences_are_plain_words")
class CapitalSentence(GoodDataset):
    def sentences(self):
        return ["the red apple", "A red apple."]
