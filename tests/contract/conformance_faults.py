"""For each check, components that break just what it looks for."""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

import numpy as np
import pydantic
import torch
from conformance_samples import (
    BoxDataset,
    GoodDataset,
    GoodDenseTask,
    GoodEncoder,
    GoodExecutor,
    GoodGating,
    GoodReadout,
    GoodSolver,
    GoodStudy,
    GoodTask,
    GoodWeighting,
)
from fault_table import TABLE, breaks
from torch import nn
from torch.nn import functional

from taskspace.components import (
    CellFunction,
    Component,
    Crew,
    DenseHead,
    EncoderStage,
    Example,
    Field,
    Finding,
    Job,
    Loss,
    Report,
    Solution,
    Stage,
    VectorHead,
)
from taskspace.components.gated import Pairs
from taskspace.components.loss_weights import TaskWeights


@breaks("docstring_says_what_it_is")
class NoDocstring(GoodEncoder):
    pass


@breaks("name_is_a_word")
class TwoWords(GoodEncoder):
    name: ClassVar[str] = "Two words"


@breaks("fields_are_described")
class Silent(GoodEncoder):
    depth: int = 1


@breaks("fields_are_not_reserved")
class Reserved(GoodEncoder):
    importance: float = pydantic.Field(1.0, description="How much it counts.")


with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    @breaks("fields_hide_no_method")
    class Hides(GoodDataset):
        length: int = pydantic.Field(3, description="Of the strokes.")


@breaks("parameters_are_valid")
class NeedsMore(GoodEncoder):
    depth: int = pydantic.Field(description="Has no default.")


@breaks("parameters_are_valid")
class RefusesItself(GoodEncoder):
    @pydantic.model_validator(mode="after")
    def _refuse(self):
        raise ValueError("never")


@breaks("parameters_are_frozen_and_closed")
class Thaws(GoodEncoder):
    model_config = pydantic.ConfigDict(frozen=False)


@breaks("parameters_are_frozen_and_closed")
class TakesAnything(GoodEncoder):
    model_config = pydantic.ConfigDict(extra="ignore")


@breaks("schema_round_trip")
class BadDefault(GoodEncoder):
    depth: int = pydantic.Field(0, ge=1, description="At least one.")


@breaks("schema_round_trip")
class Forgets(GoodEncoder):
    depth: int = pydantic.Field(3, description="Lost on the way.")

    @pydantic.field_serializer("depth")
    def _forget(self, value: int) -> int:
        return value + 1


@breaks("identity_is_stable")
class Fickle(GoodEncoder):
    def identity(self):
        return {"at": id(self), "when": random.random()}


@breaks("describes_in_a_bare_child")
class SaysWhere(GoodEncoder):
    @classmethod
    def summary(cls) -> str:
        return str(os.getpid())


@breaks("describes_in_a_bare_child")
class EndsTheProcess(GoodEncoder):
    @classmethod
    def summary(cls) -> str:
        os._exit(3)


@breaks("activates_in_a_spawned_process")
class Local(GoodEncoder):
    process: int = pydantic.Field(default_factory=os.getpid, description="Where it was made.")


@breaks("activates_in_a_spawned_process")
class RefusesElsewhere(GoodEncoder):
    @pydantic.model_validator(mode="after")
    def _refuse(self):
        if "pytest" not in sys.modules:
            raise ValueError("not here")
        return self


def hidden() -> type[Component]:
    class Hidden(GoodEncoder):
        """A class that nobody can import."""

    return Hidden


TABLE.append(("activates_in_a_spawned_process", hidden()))


@breaks("image_is_declared")
class Flat(GoodDataset):
    def fields(self):
        return {**super().fields(), "image": Field((8, 8))}


@breaks("image_is_declared")
class Empty(GoodDataset):
    def length(self):
        return 0


@breaks("fingerprint_is_stable")
class NewEachTime(GoodDataset):
    def fingerprint(self):
        return str(random.random())


class Altered(GoodDataset):
    """Reads something else than it should."""

    def altered(self, sample):
        raise NotImplementedError

    def read(self, indices, fields=None):
        sample = self.altered(dict(super().read(indices)))
        return {name: sample[name] for name in fields or sample}


@breaks("reads_what_it_declares")
class Bright(Altered):
    def altered(self, sample):
        return {**sample, "image": sample["image"] * 255}


@breaks("reads_what_it_declares")
class Bytes(Altered):
    def altered(self, sample):
        return {**sample, "image": sample["image"].byte()}


@breaks("reads_what_it_declares")
class Colourful(Altered):
    def altered(self, sample):
        return {**sample, "image": sample["image"].expand(-1, 3, -1, -1)}


@breaks("reads_what_it_declares")
class FloatLabels(Altered):
    def altered(self, sample):
        return {**sample, "label": sample["label"].float()}


@breaks("reads_what_it_declares")
class TooManyClasses(Altered):
    def altered(self, sample):
        return {**sample, "label": sample["label"] + 1}


@breaks("reads_what_it_declares")
class Undeclared(Altered):
    def altered(self, sample):
        return {**sample, "more": sample["label"]}


@breaks("reads_what_it_declares")
class BoxesBeyondTheirCount(BoxDataset):
    def read(self, indices, fields=None):
        sample = super().read(indices, fields)
        if "boxes" in sample:
            sample["boxes"][:, -1] = 1.0
        return sample


@breaks("reads_what_it_declares")
class ClassesBeyondTheirCount(BoxDataset):
    def read(self, indices, fields=None):
        sample = super().read(indices, fields)
        if "box_class" in sample:
            sample["box_class"][:, -1] = 0
        return sample


@breaks("reads_what_it_declares")
class MoreBoxesThanPlaces(BoxDataset):
    def read(self, indices, fields=None):
        sample = super().read(indices, fields)
        if "box_count" in sample:
            sample["box_count"] += 3
        return sample


@breaks("reads_what_it_declares")
class CountedByNothing(BoxDataset):
    def fields(self):
        fields = super().fields()
        return {**fields, "boxes": replace(fields["boxes"], count="image")}


@breaks("reads_in_the_order_asked")
class Sorts(GoodDataset):
    def read(self, indices, fields=None):
        return super().read(sorted(indices), fields)


@breaks("reads_in_the_order_asked")
class OnlyLists(GoodDataset):
    def read(self, indices, fields=None):
        asked = indices if isinstance(indices, (list, range)) else [0] * len(indices)
        return super().read(asked, fields)


@breaks("reads_share_nothing")
class Shares(GoodDataset):
    kept: ClassVar[dict[str, torch.Tensor]] = {}

    def read(self, indices, fields=None):
        if not self.kept:
            self.kept.update(super().read(range(12)))
        return {name: self.kept[name][: len(indices)] for name in fields or self.kept}


@breaks("reads_only_the_fields_asked")
class ReadsEverything(GoodDataset):
    def read(self, indices, fields=None):
        return super().read(indices)


@breaks("reads_only_the_fields_asked")
class ReadsAnother(GoodDataset):
    def read(self, indices, fields=None):
        sample = dict(super().read(indices, fields))
        if fields is not None and "age" in fields:
            sample["age"] = sample["age"] + 1
        return sample


@breaks("groups_cover_every_sample")
class TooFewGroups(GoodDataset):
    def groups(self):
        return ["a"] * 11


@breaks("findings_are_findings")
class FindingOfText(GoodDataset):
    def findings(self):
        return ["Not read: a.heic."]


@breaks("findings_are_findings")
class FindingWithItsTone(GoodDataset):
    def findings(self):
        return [Finding("files-not-read", "warning", "Warning: not read: a.heic.")]


@breaks("findings_are_findings")
class FindingWithoutText(GoodDataset):
    def findings(self):
        return [Finding("files-not-read", "note", " ")]


@breaks("parts_cover_every_sample")
class TooManyParts(GoodDataset):
    def parts(self):
        return ["train"] * 13


@breaks("task_fields_hold_classes")
class TaskOfNumbers(GoodDataset):
    def task_fields(self):
        return ["age"]


@breaks("task_fields_hold_classes")
class TaskOfNothing(GoodDataset):
    def task_fields(self):
        return ["weather"]


@breaks("task_fields_hold_classes")
class TaskTwice(GoodDataset):
    def task_fields(self):
        return ["label", "label"]


class WholeNumbers(GoodDataset):
    """Whole numbers, which are classes as well."""

    as_classes: ClassVar[str] = "age (classes)"

    def fields(self):
        numbers = {"age": Field((), as_classes=self.as_classes)}
        return {**super().fields(), **numbers, "age (classes)": Field((), tuple("0123456789ab"))}

    def read(self, indices, fields=None):
        chosen = torch.as_tensor([int(i) for i in indices])
        sample = {**super().read(indices), "age (classes)": self.ids(chosen)}
        return {name: sample[name] for name in fields or sample}

    def ids(self, chosen):
        return chosen


@breaks("numbers_agree_with_their_classes")
class WholeNumbersElsewhere(WholeNumbers):
    as_classes: ClassVar[str] = "label"


@breaks("numbers_agree_with_their_classes")
class WholeNumbersNowhere(GoodDataset):
    def fields(self):
        return {**super().fields(), "age": Field((), as_classes="age (classes)")}


@breaks("numbers_agree_with_their_classes")
class WholeNumbersMerged(WholeNumbers):
    def ids(self, chosen):
        return chosen // 2


@breaks("facts_are_declared")
class PaidToLabel(GoodTask):
    label_cost: ClassVar[float] = -1.0


@breaks("facts_are_declared")
class UntrainedTarget(GoodTask):
    trained: ClassVar[bool] = False


@breaks("some_dataset_has_its_fields")
class Elsewhere(GoodTask):
    requires: ClassVar[frozenset[str]] = frozenset({"image", "weather"})


@breaks("head_is_declared")
class NoOutputs(GoodTask):
    def head(self, fields):
        return VectorHead(0)


@breaks("head_is_declared")
class BareNumber(GoodTask):
    def head(self, fields):
        return 3


@breaks("example_has_declared_shapes")
class Crops(GoodTask):
    def example(self, sample, generator):
        return Example(sample["image"][..., 1:], self.target(sample))


@breaks("example_has_declared_shapes")
class OneTarget(GoodTask):
    def example(self, sample, generator):
        return Example(sample["image"], sample["class"][0])


@breaks("example_keeps_a_plain_input")
class NotSoPlain(GoodTask):
    plain_input: ClassVar[bool] = True


@breaks("example_keeps_a_plain_input")
class PlainAfterAll(GoodDenseTask):
    plain_input: ClassVar[bool] = False


@breaks("example_follows_its_generator_alone")
class DrawsFromTorch(GoodTask):
    def example(self, sample, generator):
        return Example(sample["image"] + torch.randn(sample["image"].shape), sample["class"])


@breaks("example_follows_its_generator_alone")
class DrawsFromNumpy(GoodTask):
    def example(self, sample, generator):
        return Example(sample["image"] + float(np.random.rand()), sample["class"])


@breaks("example_reads_only_what_it_needs")
class NeedsMoreThanItSays(GoodTask):
    requires: ClassVar[frozenset[str]] = frozenset({"image"})


@breaks("example_keeps_the_sample")
class Scribbles(GoodTask):
    def example(self, sample, generator):
        sample["image"].add_(0.5)
        return super().example(sample, generator)


@breaks("shows_targets_and_predictions")
class ShowsNumbers(GoodDenseTask):
    def picture(self, values, input):
        return 2 * values.expand(-1, 3, -1, -1).nan_to_num(0.5)


@breaks("shows_targets_and_predictions")
class ShowsGrey(GoodDenseTask):
    def picture(self, values, input):
        return values.clamp(0, 1).nan_to_num(0.5)


@breaks("shows_targets_and_predictions")
class SaysOneThing(GoodTask):
    def words(self, values, fields):
        return ["something"]


@breaks("loss_is_one_value_per_image")
class Mean(GoodTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target)
        return Loss(found.value.mean(), found.valid)


@breaks("loss_is_one_value_per_image")
class NumbersForBooleans(GoodTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target)
        return Loss(found.value, found.valid.float())


@breaks("loss_is_one_value_per_image")
class NotFinite(GoodTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target)
        return Loss(found.value / 0, found.valid)


@breaks("loss_is_one_value_per_image")
class NeverValid(GoodTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target)
        return Loss(found.value, torch.zeros_like(found.valid))


@breaks("loss_judges_each_image_alone")
class Relative(GoodTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target)
        return Loss(found.value / found.value.detach().mean(), found.valid)


@breaks("loss_is_differentiable")
class CountsMistakes(GoodTask):
    def loss(self, prediction, target):
        return self.measure(prediction, target)


@breaks("loss_is_differentiable")
class RootAtZero(GoodDenseTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target)
        return Loss((found.value - found.value.detach()).sqrt(), found.valid)


@breaks("loss_is_differentiable")
class Insensitive(GoodTask):
    def loss(self, prediction, target):
        return super().loss(prediction * 0, target)


@breaks("loss_masks_missing_labels")
class CountsTheMissing(GoodTask):
    def loss(self, prediction, target):
        found = functional.cross_entropy(prediction, target.clamp(min=0), reduction="none")
        return Loss(found, torch.ones_like(target, dtype=torch.bool))


@breaks("loss_masks_missing_labels")
class MasksTooLate(GoodDenseTask):
    def loss(self, prediction, target):
        present = ~target.isnan()
        error = torch.where(present, (prediction - target.nan_to_num(torch.inf)) ** 2, 0)
        return Loss(error.flatten(1).mean(dim=1), present.flatten(1).any(dim=1))


@breaks("loss_masks_missing_labels")
class AllOrNothing(GoodTask):
    def loss(self, prediction, target):
        found = super().loss(prediction, target.clamp(min=0))
        some = (target < 0).float().mean() > 0.3
        return Loss(found.value, (target >= 0) & ~some)


@breaks("loss_keeps_its_arguments")
class ChangesPrediction(GoodTask):
    def measure(self, prediction, target):
        return super().measure(prediction.mul_(2), target)


@breaks("loss_keeps_its_arguments")
class FillsIn(GoodDenseTask):
    def loss(self, prediction, target):
        return super().loss(prediction, target.nan_to_num_(0.0))


@breaks("measure_is_one_value_per_image")
class MeasuresTheBatch(GoodTask):
    def measure(self, prediction, target):
        found = super().measure(prediction, target)
        return Loss(found.value.mean(), found.valid)


@breaks("measures_all_images_at_once")
class PromisesAp(GoodTask):
    overall: ClassVar[tuple[str, ...]] = ("ap",)


@breaks("measures_all_images_at_once")
class MeasuresUnasked(GoodTask):
    def measure_all(self, decoded, target, fields):
        return {"ap": 0.5}


@breaks("loss_runs_on_gpu")
class StaysHome(GoodTask):
    def loss(self, prediction, target):
        return super().loss(prediction.cpu(), target.cpu())


@breaks("code_shape_is_declared")
class FlatCode(GoodEncoder):
    def code_shape(self, image):
        return (self.width,)


@breaks("code_shape_is_declared")
class NothingLeft(GoodEncoder):
    def code_shape(self, image):
        return (self.width, image[1] // 64, image[2] // 64)


@breaks("network_gives_declared_shape")
class PromisesMore(GoodEncoder):
    def code_shape(self, image):
        return (self.width + 1, image[1] // 2, image[2] // 2)


@breaks("network_gives_declared_shape")
class AlwaysAVector(GoodReadout):
    def build(self, code, head, image):
        size = head.channels if isinstance(head, DenseHead) else head.size
        return super().build(code, VectorHead(size), image)


@breaks("network_gives_declared_shape")
class IgnoresTheStride(GoodReadout):
    def build(self, code, head, image):
        if isinstance(head, DenseHead):
            head = DenseHead(head.channels)
        return super().build(code, head, image)


@breaks("network_gives_declared_shape")
class OneViewOnly(GoodReadout):
    def build(self, code, head, image):
        return super().build((8, *code[1:]), head, image)


class Meddled(nn.Module):
    """A network with something before and something after."""

    def __init__(self, inner: nn.Module, before=None, after=None) -> None:
        super().__init__()
        self.inner = inner
        self.before = before or (lambda x: x)
        self.after = after or (lambda x: x)

    def forward(self, x):
        return self.after(self.inner(self.before(x)))


@breaks("network_gives_declared_shape")
class Overflows(GoodEncoder):
    def build(self, image):
        return Meddled(super().build(image), after=lambda y: y / 0)


@breaks("network_follows_the_seed_alone")
class NumpyWeights(GoodReadout):
    def build(self, code, head, image):
        network = super().build(code, head, image)
        with torch.no_grad():
            network[1].bias.fill_(float(np.random.rand()))
        return network


@breaks("network_follows_the_seed_alone")
class OwnSeed(GoodEncoder):
    def build(self, image):
        torch.manual_seed(random.randrange(99))
        return super().build(image)


@breaks("network_is_fresh")
class SharedWeights(GoodEncoder):
    built: ClassVar[dict[tuple[int, ...], nn.Module]] = {}

    def build(self, image):
        if image not in self.built:
            self.built[image] = super().build(image)
        return self.built[image]


@breaks("network_judges_each_image_alone")
class LooksAround(GoodEncoder):
    def build(self, image):
        return Meddled(super().build(image), after=lambda y: y - y.mean(dim=0, keepdim=True))


@breaks("network_judges_each_image_alone")
class DropsAlways(GoodReadout):
    def build(self, code, head, image):
        drop = nn.Dropout(0.5)
        drop.train = lambda mode=True: drop
        return Meddled(super().build(code, head, image), after=drop)


@breaks("network_gradients_are_finite")
class Idle(GoodEncoder):
    def build(self, image):
        network = super().build(image)
        network.idle = nn.Parameter(torch.zeros(1))
        return Meddled(network)


@breaks("network_gradients_are_finite")
class SteepAtZero(GoodReadout):
    def build(self, code, head, image):
        return Meddled(super().build(code, head, image), after=lambda y: (y * 0).abs().sqrt() + y)


@breaks("network_keeps_its_input")
class NormalisesInPlace(GoodEncoder):
    def build(self, image):
        return Meddled(super().build(image), before=lambda x: x.sub_(0.5))


@breaks("network_runs_on_gpu")
class CarriesAConstant(GoodEncoder):
    def build(self, image):
        constant = torch.ones(self.width, 1, 1)
        return Meddled(super().build(image), after=lambda y: y + constant)


@breaks("stages_are_the_network")
class LeavesOutAStage(GoodEncoder):
    def stages(self, image):
        return super().stages(image)[:-1]


@breaks("stages_are_the_network")
class OtherStages(GoodEncoder):
    def stages(self, image):
        torch.randn(1)
        return super().stages(image)


@breaks("stages_are_the_network")
class StageOverwrites(GoodEncoder):
    def stages(self, image):
        ((network, shape),) = super().stages(image)
        return (EncoderStage(nn.Sequential(nn.Hardtanh(-1, 0.9, inplace=True), network), shape),)


@breaks("stages_are_the_network")
class StageOfAnotherShape(GoodEncoder):
    def stages(self, image):
        ((network, shape),) = super().stages(image)
        return (EncoderStage(network, (shape[0], *image[1:])),)


@breaks("stages_are_the_network")
class CountsAnotherNumberOfStages(GoodEncoder):
    def stage_count(self):
        return 2


class Changed(GoodGating):
    """Changes one method of its networks."""

    method: ClassVar[str] = "forward"

    def change(self, inner, *given, **named):
        raise NotImplementedError

    def build(self, encoder, readout, image, heads):
        network = super().build(encoder, readout, image, heads)
        setattr(network, self.method, partial(self.change, getattr(network, self.method)))
        return network


@breaks("network_judges_each_image_alone")
class LooksAroundTheBatch(Changed):
    def change(self, inner, images, *given, **named):
        return inner(images - images.mean(dim=0), *given, **named)


@breaks("network_keeps_its_input")
class Darkens(Changed):
    def change(self, inner, images, *given, **named):
        return inner(images.mul_(0.5), *given, **named)


@breaks("network_is_fresh")
class SharedExperts(GoodGating):
    built: ClassVar[dict[tuple[int, ...], nn.Module]] = {}

    def build(self, encoder, readout, image, heads):
        if image not in self.built:
            self.built[image] = super().build(encoder, readout, image, heads)
        return self.built[image]


@breaks("answers_what_is_asked")
class AnswersAll(Changed):
    def change(self, inner, images, asked, **named):
        return inner(images, torch.ones_like(asked), **named)


@breaks("answers_what_is_asked")
class ByRow(Changed):
    def change(self, inner, *given, **named):
        found = inner(*given, **named)
        return found._replace(pairs=Pairs(found.pairs.row.flip(0), found.pairs.task.flip(0)))


@breaks("answer_is_the_same_whatever_else_is_asked")
class CountsTheQuestions(Changed):
    def change(self, inner, images, asked, **named):
        found = inner(images, asked, **named)
        many = 0.01 * asked.sum()
        return found._replace(predictions=tuple(said + many for said in found.predictions))


@breaks("answer_is_the_same_whatever_else_is_asked")
class MixesUpTheRows(Changed):
    def change(self, inner, images, asked, **named):
        found = inner(images, asked, **named)
        return found._replace(predictions=tuple(said.flip(0) for said in found.predictions))


@breaks("experts_are_declared")
class MoreThanCertain(Changed):
    method: ClassVar[str] = "probabilities"

    def change(self, inner):
        return tuple(3 * p for p in inner())


@breaks("experts_are_declared")
class ChoosesNobody(Changed):
    method: ClassVar[str] = "choose"

    def change(self, inner, rule="task"):
        return tuple(torch.zeros_like(chosen) for chosen in inner(rule))


@breaks("experts_are_declared")
class CostsNothing(Changed):
    method: ClassVar[str] = "costs"

    def change(self, inner):
        return tuple(0 * cost for cost in inner())


@breaks("only_chosen_experts_run")
class RunsAll(Changed):
    def change(self, inner, images, asked, **named):
        found = inner(images, asked, **named)
        return found._replace(applied=tuple(torch.full_like(n, 4) for n in found.applied))


@breaks("export_gives_the_same")
class Rescales(Changed):
    method: ClassVar[str] = "export"

    def change(self, inner, *given):
        return Meddled(inner(*given), after=lambda y: 1.001 * y)


@breaks("export_gives_the_same")
class ExportsItself(GoodGating):
    def build(self, encoder, readout, image, heads):
        network = super().build(encoder, readout, image, heads)
        network.export = lambda task: Meddled(
            network, after=lambda output: output.predictions[task], before=None
        )
        inner = network.forward
        everything = torch.ones(1, len(heads), dtype=torch.bool)
        network.forward = lambda images, asked=None, **named: inner(
            images, everything.expand(len(images), -1) if asked is None else asked, **named
        )
        return network


@breaks("draws_follow_the_generator_alone")
class OwnDraws(Changed):
    def change(self, inner, images, asked, *, chosen=None, generator=None):
        return inner(images, asked, chosen=chosen)


@breaks("every_weight_learns")
class IdleWeight(GoodGating):
    def build(self, encoder, readout, image, heads):
        network = super().build(encoder, readout, image, heads)
        network.idle = nn.Parameter(torch.zeros(1))
        return network


@breaks("every_weight_learns")
class ForgetsTheGates(Changed):
    method: ClassVar[str] = "extra_loss"

    def change(self, inner, *given):
        return inner(*given).detach()


@breaks("extra_loss_is_a_number")
class CountsWhatIsMissing(Changed):
    method: ClassVar[str] = "extra_loss"

    def change(self, inner, output, values, weights):
        return inner(output, values, weights) + values.sum()


@breaks("extra_loss_is_a_number")
class OnePerPair(Changed):
    method: ClassVar[str] = "extra_loss"

    def change(self, inner, output, values, weights):
        return inner(output, values, weights) + values * 0


@breaks("training_goes_on_from_the_state")
class RemembersElsewhere(Changed):
    method: ClassVar[str] = "extra_loss"

    def change(self, inner, output, values, weights):
        network = inner.__self__
        network.steps = getattr(network, "steps", 0) + 1
        return inner(output, values, weights) + 0.1 * network.steps


class Reweighed(GoodWeighting):
    """Changes what its weights say of a batch."""

    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        raise NotImplementedError

    def build(self, tasks):
        weights = super().build(tasks)
        weights.forward = partial(self.change, weights, weights.forward)
        return weights


@breaks("missing_is_said_in_words")
class LacksAWord(GoodWeighting):
    def missing(self):
        return ""


@breaks("weights_fit_the_tasks")
class WeighsTheAbsent(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        found = inner(losses)
        return TaskWeights(found.own + 0.1, found.shared)


@breaks("weights_fit_the_tasks")
class DividesByTheLoss(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        return TaskWeights(*(said / losses.value for said in inner(losses)))


@breaks("weights_fit_the_tasks")
class OneWeight(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        return TaskWeights(*(said.sum()[None] for said in inner(losses)))


@breaks("weights_fit_the_tasks")
class FollowsItsLosses(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        return TaskWeights(*(said * losses.value for said in inner(losses)))


@breaks("weights_fit_the_tasks")
class TurnsHeadsAway(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        found = inner(losses)
        return TaskWeights(-found.own, found.shared)


@breaks("learns_by_itself")
class WaitsForAnOptimizer(GoodWeighting):
    def build(self, tasks):
        weights = super().build(tasks)
        weights.scale = nn.Parameter(torch.ones(tasks))
        return weights


@breaks("absent_losses_do_not_count")
class AddsUpAll(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        found = inner(losses)
        return TaskWeights(*(said * losses.value.sum() for said in found))


@breaks("absent_tasks_keep_their_state")
class FadesFromMemory(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        weights.last.mul_(0.9)
        return inner(losses)


@breaks("weighing_keeps_its_arguments")
class ScalesTheLosses(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        losses.value.mul_(2)
        return inner(losses)


@breaks("draws_follow_the_generator_alone")
class OwnDice(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        return TaskWeights(*(said * torch.rand(()) for said in inner(losses)))


@breaks("draws_follow_the_generator_alone")
class SeedsTorch(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        torch.manual_seed(3)
        return inner(losses)


@breaks("training_goes_on_from_the_state")
class CountsElsewhere(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        weights.steps = getattr(weights, "steps", 0) + 1
        return TaskWeights(*(said / weights.steps for said in inner(losses)))


@breaks("training_goes_on_from_the_state")
class KeepsEpochsElsewhere(GoodWeighting):
    def build(self, tasks):
        weights = super().build(tasks)
        before = weights.before
        del weights.before
        weights.register_buffer("before", before, persistent=False)
        return weights


@breaks("weights_run_on_gpu")
class ConstantAtHome(Reweighed):
    def change(self, weights, inner, losses, gramian=None, *, generator=None):
        return TaskWeights(*(said.cpu() for said in inner(losses)))


@breaks("missing_is_said_in_words")
class SaysNothing(GoodSolver):
    def missing(self):
        return " "


class Claims(GoodSolver):
    """Changes what it found."""

    def claim(self, found: Solution) -> Solution:
        raise NotImplementedError

    def solve(self, model, limits):
        return self.claim(super().solve(model, limits))


@breaks("optimum_matches_enumeration")
class ForgetsTheConstant(Claims):
    def claim(self, found):
        return Solution(found.status, found.objective - 2.5, found.bound, found.values)


@breaks("optimum_matches_enumeration")
class DoesNothing(Claims):
    def claim(self, found):
        return Solution("optimal", 2.5, 2.5, {})


@breaks("optimum_matches_enumeration")
class OwnNames(Claims):
    def claim(self, found):
        values = {f"v_{name}": value for name, value in found.values.items()}
        return Solution(found.status, found.objective, found.bound, values)


@breaks("optimum_matches_enumeration")
class TakesAll(Claims):
    def claim(self, found):
        return Solution(
            found.status, found.objective, found.bound, {f"x[{i}]": 1 for i in range(8)}
        )


@breaks("mixed_program_is_solved")
class Rounds(Claims):
    def claim(self, found):
        values = {name: round(value) for name, value in found.values.items()}
        return Solution(found.status, found.objective, found.bound, values)


@breaks("infeasible_is_said")
class NeverInfeasible(Claims):
    def claim(self, found):
        return Solution("unknown") if found.status == "infeasible" else found


@breaks("limit_is_not_infeasible")
class GivesUpLoudly(GoodSolver):
    def solve(self, model, limits):
        return Solution("infeasible") if limits.seconds < 1 else super().solve(model, limits)


@breaks("limit_is_not_infeasible")
class Exaggerates(Claims):
    def claim(self, found):
        return Solution("feasible", (found.objective or 0) + 1, found.bound, found.values)


@breaks("bound_is_proven")
class BoundBelow(Claims):
    def claim(self, found):
        return Solution(found.status, found.objective, found.bound - 1, found.values)


@breaks("bound_is_proven")
class NoBound(Claims):
    def claim(self, found):
        return Solution(found.status, found.objective, None, found.values)


@breaks("model_can_be_solved_again")
class LeavesFixed(GoodSolver):
    def solve(self, model, limits):
        found = super().solve(model, limits)
        model.x[0].fix(0)
        return found


@breaks("model_can_be_solved_again")
class AddsACut(GoodSolver):
    def solve(self, model, limits):
        found = super().solve(model, limits)
        model.rows.add(model.objective.expr <= found.objective - 1)
        return found


class Overseen(Crew):
    """A crew whose dealings are changed on the way."""

    def __init__(self, inner: Crew) -> None:
        self.inner = inner

    @property
    def size(self) -> int:
        return self.inner.size

    def submit(self, assignment) -> None:
        self.inner.submit(assignment)

    def reports(self, timeout: float) -> Sequence[Report]:
        return self.inner.reports(timeout)

    def close(self, *, now: bool = False) -> None:
        self.inner.close(now=now)


class Twice(Overseen):
    """Says everything twice."""

    def reports(self, timeout):
        return [report for report in self.inner.reports(timeout) for _ in range(2)]


class BlamesNeighbours(Overseen):
    """One failure, and the whole assignment has failed."""

    def reports(self, timeout):
        news = list(self.inner.reports(timeout))
        bad = {r.assignment for r in news if r.event == "failed"}
        self.bad = getattr(self, "bad", set()) | bad
        return [
            Report("failed", r.assignment, r.key, r.message) if r.assignment in self.bad else r
            for r in news
        ]


class LosesWords(Overseen):
    """Messages are dropped."""

    def reports(self, timeout):
        news = self.inner.reports(timeout)
        return [Report(r.event, r.assignment, r.key, "", r.seconds) for r in news]


class LosesAll(Overseen):
    """When one worker dies, all that was under way is called lost."""

    def reports(self, timeout):
        news = list(self.inner.reports(timeout))
        self.dead = getattr(self, "dead", False) or any(r.event == "lost" for r in news)
        return [Report("lost", r.assignment, r.key, "gone") if self.dead else r for r in news]


class LeavesWorkers(Overseen):
    """Closing forgets the workers."""

    def close(self, *, now=False):
        if not now or hasattr(self, "closed"):
            self.inner.close(now=now)
        self.closed = True


class OnlyAsks(Overseen):
    """Closing interrupts, and does not look whether that helps."""

    def close(self, *, now=False):
        if now and not hasattr(self, "closed"):
            for worker in self.inner._workers:
                worker.stop(now=True)
        else:
            self.inner.close(now=now)
        self.closed = True


class NeverAsks(Overseen):
    """Closing kills."""

    def close(self, *, now=False):
        for worker in self.inner._workers:
            worker._reap()
        self.inner.close(now=now)


class ClosesOnce(Overseen):
    """A second close is an error."""

    def close(self, *, now=False):
        if hasattr(self, "closed"):
            raise RuntimeError("closed already")
        self.closed = True
        self.inner.close(now=now)


class Gossips(Overseen):
    """There is always news."""

    def reports(self, timeout):
        return [Report("done", 0, "00"), *self.inner.reports(timeout)]


@breaks("every_cell_is_reported_once")
class TwiceExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return Twice(super().open(workplace, workers))


@breaks("failure_stays_with_its_cell")
class BlamingExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return BlamesNeighbours(super().open(workplace, workers))


@breaks("failure_stays_with_its_cell")
class WordlessExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return LosesWords(super().open(workplace, workers))


@breaks("dying_worker_loses_only_its_cells")
class LosingExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return LosesAll(super().open(workplace, workers))


@breaks("close_at_once_returns")
class LeavingExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return LeavesWorkers(super().open(workplace, workers))


@breaks("close_at_once_returns")
class AskingExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return OnlyAsks(super().open(workplace, workers))


@breaks("close_at_once_lets_cells_clean_up")
class KillingExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return NeverAsks(super().open(workplace, workers))


@breaks("close_twice_is_harmless")
class OnceExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return ClosesOnce(super().open(workplace, workers))


@breaks("waiting_for_nothing_returns")
class GossipingExecutor(GoodExecutor):
    def open(self, workplace, workers):
        return Gossips(super().open(workplace, workers))


class OpenJob(Job):
    """Takes anything."""

    model_config = pydantic.ConfigDict(extra="allow")


class SilentPart(pydantic.BaseModel):
    """A part of a job."""

    depth: int = 1


class SilentJob(Job):
    """Has a key without a description."""

    part: SilentPart = pydantic.Field(SilentPart(), description="Described, unlike what is in it.")


@breaks("job_model_extends_the_job")
class OpenStudy(GoodStudy):
    job_model: ClassVar[type[Job]] = OpenJob


@breaks("job_model_extends_the_job")
class OtherStudy(GoodStudy):
    job_model: ClassVar[type[pydantic.BaseModel]] = SilentPart


@breaks("job_fields_are_described")
class SilentStudy(GoodStudy):
    job_model: ClassVar[type[Job]] = SilentJob


@breaks("stage_names_are_distinct")
class SameStages(GoodStudy):
    stage_names: ClassVar[tuple[str, ...]] = ("look", "look")


@breaks("stage_names_are_distinct")
class NoStages(GoodStudy):
    stage_names: ClassVar[tuple[str, ...]] = ()


@breaks("first_stage_is_planned")
class Refuses(GoodStudy):
    def stages(self, job, planner, until):
        raise RuntimeError("no")
        yield


@breaks("first_stage_is_planned")
class ComputesNothingThatIs(GoodStudy):
    function: ClassVar[CellFunction] = CellFunction("conformance_samples:stare", 1)


@breaks("first_stage_is_planned")
class ComputesNowhere(GoodStudy):
    function: ClassVar[CellFunction] = CellFunction("nothing_of_that_name:look", 1)


@breaks("first_stage_is_planned")
class ComputesNoFunction(GoodStudy):
    function: ClassVar[CellFunction] = CellFunction("conformance_samples:GOOD", 1)


@breaks("first_stage_is_planned")
class OtherStage(GoodStudy):
    stage_names: ClassVar[tuple[str, ...]] = ("say", "write")


@breaks("first_stage_is_planned")
class EmptyStage(GoodStudy):
    def stages(self, job, planner, until):
        yield Stage("look", [])


@breaks("first_stage_is_planned")
class EndsAtOnce(GoodStudy):
    def stages(self, job, planner, until):
        yield from ()


@breaks("first_stage_is_planned")
class ListsStages(GoodStudy):
    def stages(self, job, planner, until):
        return list(super().stages(job, planner, until))


@breaks("first_stage_is_planned")
class PlansWithObjects(GoodStudy):
    def stages(self, job, planner, until):
        yield Stage("look", [planner.cell("look", self.function, parameters={"at": object()})])


class NeedyJob(Job):
    """Nobody says how deep."""

    depth: int = pydantic.Field(description="How deep.")


@breaks("first_stage_is_planned")
class NeedyStudy(GoodStudy):
    job_model: ClassVar[type[Job]] = NeedyJob
