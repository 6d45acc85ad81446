"""Scores that break just what a check looks for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import ClassVar

import numpy as np
from conformance_samples import GoodScore
from fault_table import breaks

from taskspace.errors import InputError


class Rescored(GoodScore):
    """Changes the score."""

    def change(self, value, data):
        raise NotImplementedError

    def score(self, data):
        return self.change(super().score(data), data)


@breaks("what_it_reads_is_declared")
class ReadsWeights(GoodScore):
    reads: ClassVar[str] = "weights"


@breaks("what_it_reads_is_declared")
class ReadsProbabilitiesInSecret(Rescored):
    def change(self, value, data):
        return value + (0.0 if data.probabilities is None else float(data.probabilities.max()))


@breaks("what_it_reads_is_declared")
class DeclaresProbabilitiesAndReadsFeatures(GoodScore):
    reads: ClassVar[str] = "probabilities"


@breaks("score_is_a_finite_number")
class ScoreAsAnArray(Rescored):
    def change(self, value, data):
        return np.array([value])


@breaks("score_is_a_finite_number")
class NormalisesEachFeature(GoodScore):
    def score(self, data):
        with np.errstate(invalid="ignore"):
            return super().score(replace(data, features=data.features / data.features.std(axis=0)))


@breaks("score_is_a_finite_number")
class FactorsTheCovariance(Rescored):
    def change(self, value, data):
        products = data.features.T @ data.features
        return value + float(np.linalg.cholesky(products).trace())


@breaks("score_follows_the_seed_alone")
class ScoreByChance(Rescored):
    def change(self, value, data):
        return value + float(np.random.rand())


@breaks("score_keeps_its_arguments")
class CentresInPlace(GoodScore):
    def score(self, data):
        data.features[:] -= data.features.mean(axis=0)
        return super().score(data)


@breaks("score_keeps_its_arguments")
class SortsLabels(GoodScore):
    def score(self, data):
        value = super().score(data)
        data.labels.sort()
        return value


@breaks("order_of_images_does_not_count")
class HalvesByPlace(GoodScore):
    def score(self, data):
        half = len(data.labels) // 2
        return super().score(
            replace(data, features=data.features[:half], labels=data.labels[:half])
        )


@breaks("numbers_of_classes_do_not_count")
class ClassesAsNumbers(Rescored):
    def change(self, value, data):
        return value + float(np.corrcoef(data.labels, data.features[:, 1])[0, 1])


@breaks("score_grows_with_separation")
class LessIsBetter(Rescored):
    def change(self, value, data):
        return -value


@breaks("score_grows_with_separation")
class CountsFeatures(Rescored):
    def change(self, value, data):
        return float(data.features.shape[1])


@breaks("what_cannot_be_scored_is_said")
class DividesByNothing(GoodScore):
    def refuse(self, what):
        raise ZeroDivisionError(what)


@breaks("what_cannot_be_scored_is_said")
class NoNumberForTheLonely(GoodScore):
    def score(self, data):
        if min(Counter(data.labels.tolist()).values()) < 2:
            return float("nan")
        try:
            return super().score(data)
        except InputError:
            return 0.0
