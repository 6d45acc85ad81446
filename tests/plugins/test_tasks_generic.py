"""What holds for every task, and tasks on whatever fields a dataset has."""

import math
from collections.abc import Mapping
from typing import ClassVar

import pydantic
import pytest
import torch

import taskspace_plugins.plugin as built_ins
from taskspace.components import DenseHead, Field, Task, VectorHead
from taskspace.errors import DataError
from taskspace_plugins.datasets.digits import Digits
from taskspace_plugins.datasets.folders.image_folder import ImageFolder
from taskspace_plugins.tasks._classification import ClassTask
from taskspace_plugins.tasks.digits.stroke_thickness import StrokeThickness
from taskspace_plugins.tasks.labels.classification import Classification
from taskspace_plugins.tasks.labels.object_class import ObjectClass
from taskspace_plugins.tasks.labels.regression import Regression
from taskspace_plugins.tasks.self_supervised.random_projection import RandomProjection
from taskspace_plugins.tasks.self_supervised.rotation import Rotation

WITHOUT_PARAMETERS = [
    Classification(field="digit") if cls is Classification else cls()
    for cls in built_ins.taskspace_tasks()
    if not any(field.is_required() for field in cls.model_fields.values())
]
ON_DIGITS = [
    task
    for task in WITHOUT_PARAMETERS
    # Digits have no colours, which tasks of colours say where they are asked for their heads.
    if task.needs(Digits().fields()) <= set(Digits().fields())
    and task.name not in ("colorization", "colorize_rgb")
]
FIELDS = {
    "image": Field((3, 8, 8)),
    "one": Field((), ("only",)),
    "kind": Field((), ("cat", "dog", "fox")),
    "age": Field(()),
    "pose": Field((6,)),
    "depth": Field((1, 8, 8)),
}


def named(task: Task) -> str:
    return task.name


def test_there_are_the_tasks_of_the_study() -> None:
    assert len(ON_DIGITS) >= 14
    assert [t.name for t in ON_DIGITS if t.source_only] == [
        "inpainting",
        "jigsaw",
        "random_projection",
    ]
    assert [t.name for t in ON_DIGITS if not t.trained] == ["random_projection"]
    assert {t.default_label_cost() for t in ON_DIGITS} == {0.0, 1.0}


@pytest.mark.parametrize("task", ON_DIGITS, ids=named)
def test_examples_fit_the_head_and_have_a_finite_loss_and_metric_per_image(
    task: Task, generator: torch.Generator
) -> None:
    dataset = Digits()
    sample = dataset.read(range(40))
    assert task.needs(dataset.fields()) <= set(dataset.fields())
    example = task.example(sample, generator)
    assert example.input.shape == sample["image"].shape
    assert torch.equal(example.input, sample["image"]) or not task.plain_input
    head = task.head(dataset.fields())
    shape = head.shape((1, 8, 8)) if isinstance(head, DenseHead) else (head.size,)
    prediction = torch.randn(40, *shape, generator=generator)
    for value, valid in (
        task.loss(prediction, example.target),
        task.measure(prediction, example.target),
    ):
        assert value.shape == valid.shape == (40,)
        assert valid.dtype == torch.bool and valid.all()
        assert value.isfinite().all() and (value >= 0).all()
    of_ids = task.metric in {"accuracy", "contrastive"}
    assert of_ids == (example.target.dtype == torch.int64)


@pytest.mark.parametrize("task", ON_DIGITS, ids=named)
def test_missing_labels_give_finite_gradients_and_no_gradient_of_their_own(
    task: Task, generator: torch.Generator
) -> None:
    dataset = Digits()
    target = task.example(dataset.read(range(4)), generator).target.clone()
    target[1] = -1 if target.dtype == torch.int64 else math.nan
    head = task.head(dataset.fields())
    shape = head.shape((1, 8, 8)) if isinstance(head, DenseHead) else (head.size,)
    prediction = torch.randn(4, *shape, generator=generator).requires_grad_()
    value, valid = task.loss(prediction, target)
    assert valid.tolist() == [True, False, True, True]
    torch.where(valid, value, 0.0).sum().backward()
    assert prediction.grad is not None and prediction.grad.isfinite().all()
    assert (prediction.grad[1] == 0).all() and (prediction.grad[0] != 0).any()


@pytest.mark.parametrize(
    "task", [t for t in ON_DIGITS if t.needs(Digits().fields()) == {"image"}], ids=named
)
@pytest.mark.parametrize("shape", [(1, 5, 7), (3, 9, 6), (3, 8, 8)])
def test_tasks_from_the_image_alone_work_on_any_image(
    task: Task, shape: tuple[int, int, int], generator: torch.Generator
) -> None:
    head = task.head({"image": Field(shape)})
    image = torch.rand(5, *shape, generator=generator)
    example = task.example({"image": image}, generator)
    size = head.shape(shape) if isinstance(head, DenseHead) else (head.size,)
    value, valid = task.loss(torch.zeros(5, *size), example.target)
    assert example.input.shape == image.shape
    assert value.isfinite().all() and valid.all()


def test_the_best_prediction_has_no_loss(generator: torch.Generator) -> None:
    sample = Digits().read(range(10))
    for task in ON_DIGITS:
        target = task.example(sample, generator).target
        if task.metric in {"l1", "l2"}:
            assert (task.loss(target.nan_to_num(0), target).value == 0).all()


def test_a_random_projection_predicts_nothing(generator: torch.Generator) -> None:
    assert (RandomProjection().target({"image": torch.rand(3, 1, 4, 4)}) == 0).all()


def test_classification_counts_the_classes_of_its_field() -> None:
    task = Classification(field="kind")
    assert task.needs({}) == {"image", "kind"}
    assert task.head(FIELDS) == VectorHead(3)
    ids = torch.tensor([2, -1])
    assert torch.equal(task.target({"kind": ids}), ids)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("colour", "no field 'colour'. Fields with classes: 'one', 'kind'"),
        ("age", "Use the task `regression` for it, except in a `recommend` job"),
        ("one", "1 class, 'only', so there is nothing to tell apart. Add images"),
        ("mask", "Use the task `dense_classification`"),
    ],
)
def test_classification_of_what_is_no_choice_is_refused(field: str, words: str) -> None:
    mask = {"mask": Field((8, 8), ("sky", "sea"))} if field == "mask" else {}
    with pytest.raises(DataError) as caught:
        Classification(field=field).head(FIELDS | mask)
    assert words in str(caught.value)


def test_without_any_classes_the_error_says_so() -> None:
    with pytest.raises(DataError, match="No field has classes"):
        Classification().head({"image": Field((1, 8, 8))})


def test_regression_takes_numbers_and_vectors_in_their_units() -> None:
    task = Regression(field="age", offset=40, scale=10)
    assert task.head(FIELDS) == VectorHead(1)
    assert Regression(field="pose").head(FIELDS) == VectorHead(6)
    target = task.target({"age": torch.tensor([50.0, math.nan])})
    assert target.shape == (2, 1) and target[0] == 1 and target[1].isnan()
    prediction = torch.tensor([[0.0], [0.0]])
    assert task.loss(prediction, target).value[0] == 1
    assert task.measure(prediction, target).value[0] == 10
    assert task.loss(prediction, target).valid.tolist() == [True, False]
    assert Regression(field="pose").target({"pose": torch.zeros(2, 6)}).shape == (2, 6)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("weight", "no field 'weight'. Fields with numbers: 'age', 'pose'"),
        ("kind", "use the task `classification`"),
        ("depth", "arrays of shape (1, 8, 8)"),
    ],
)
def test_regression_of_what_is_no_number_is_refused(field: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        Regression(field=field).head(FIELDS)
    assert words in str(caught.value)


def test_labels_are_said_in_the_words_of_the_field() -> None:
    fields = {"image": Field((3, 8, 8)), "class": Field((), ("cat", "dog")), "price": Field(())}
    assert Classification().words(torch.tensor([1, -1, 0]), fields) == ["dog", "missing", "cat"]
    regression = Regression(field="price", offset=250, scale=100)
    prices = regression.target({"price": torch.tensor([300.0, torch.nan])})
    assert regression.words(prices, fields) == ["300", "missing"]
    assert Rotation().words(torch.tensor([0, 3]), fields) == ["turned 0°", "turned 270°"]
    assert StrokeThickness().words(torch.tensor([[1.5], [torch.nan]]), fields) == [
        "1.5 pixels",
        "missing",
    ]


def test_classes_without_names_are_numbered() -> None:
    class Unnamed(ClassTask):
        name: ClassVar[str] = "unnamed"

        def head(self, fields: Mapping[str, Field]) -> VectorHead:
            return VectorHead(3)

    assert Unnamed().words(torch.tensor([2, -1]), FIELDS) == ["class 2", "missing"]


def test_both_read_a_users_folder(tmp_path, write_image) -> None:
    for seed, name in enumerate(("cat/1.png", "cat/2.png", "dog/1.png")):
        write_image(name, seed=seed)
    (tmp_path / "labels.csv").write_text("file,weight\ncat/1.png,4.5\n")
    dataset = ImageFolder(root=tmp_path, size=8)
    sample = dataset.read(range(3))
    assert Classification().head(dataset.fields()) == VectorHead(2)
    assert Classification().target(sample).tolist() == [0, 0, 1]
    regression = Regression(field="weight")
    assert regression.head(dataset.fields()) == VectorHead(1)
    assert regression.target(sample).isnan()[:, 0].tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("task", "parameter", "value"),
    [
        ("denoising", "sigma", 0.0),
        ("inpainting", "hole", 1.0),
        ("regression", "scale", 0.0),
        ("classification", "field", ""),
        ("parity", "unknown", 1),
    ],
)
def test_parameters_out_of_range_are_refused(task: str, parameter: str, value: object) -> None:
    cls = {each.name: each for each in built_ins.taskspace_tasks()}[task]
    with pytest.raises(pydantic.ValidationError, match=parameter):
        cls(**{"field": "x", parameter: value} if task == "regression" else {parameter: value})


def test_every_parameter_of_these_components_is_described() -> None:
    for provide in ("datasets", "tasks", "encoders", "readouts"):
        for cls in getattr(built_ins, f"taskspace_{provide}")():
            assert cls.summary().endswith("."), cls
            for name, field in cls.model_fields.items():
                assert field.description, f"{cls.name}.{name}"


class TestWhatAColumnMeans:
    """The task in the job decides it: classes, or numbers."""

    @pytest.fixture
    def dataset(self, tmp_path, write_image) -> ImageFolder:
        cells = ["3,1.5,7,1", "10,2,8,2", '3,2.5,"1,234",1', ",,,"]
        rows = [f"{write_image(f'{n}.png', 8, 8, n).name},{row}" for n, row in enumerate(cells)]
        header = "file,digit,size,price,object_class"
        (tmp_path / "labels.csv").write_text("\n".join([header, *rows]))
        return ImageFolder(root=tmp_path, size=8)

    def test_whole_numbers_are_classes_where_a_task_wants_classes(self, dataset) -> None:
        fields, task = dataset.fields(), Classification(field="digit")
        assert task.head(fields) == VectorHead(2)
        assert task.class_names(fields) == ("3", "10")
        sample = dataset.read(range(4), task.needs(fields))
        assert task.target(sample).tolist() == [0, 1, 0, -1]
        assert torch.equal(task.target(dataset.read(range(4))), task.target(sample))
        assert task.words(task.target(sample), fields) == ["3", "10", "3", "missing"]

    def test_they_are_numbers_where_a_task_wants_numbers(self, dataset) -> None:
        fields, task = dataset.fields(), Regression(field="digit")
        assert task.head(fields) == VectorHead(1)
        target = task.target(dataset.read(range(4), task.needs(fields)))[:, 0]
        assert target[:3].tolist() == [3, 10, 3] and target[3].isnan()

    def test_a_task_of_classes_with_a_field_of_its_own_takes_them_too(self, dataset) -> None:
        task = ObjectClass()
        assert task.head(dataset.fields()) == VectorHead(2)
        sample = dataset.read(range(4), task.needs(dataset.fields()))
        assert task.target(sample).tolist() == [0, 1, 0, -1]

    def test_fractions_are_no_classes_and_the_line_is_said(self, dataset) -> None:
        with pytest.raises(
            DataError, match=r"labels\.csv:2 has '1\.5', which is no whole"
        ) as caught:
            Classification(field="size").head(dataset.fields())
        assert "Use the task `regression`" in str(caught.value)

    def test_what_is_no_number_is_said_with_its_line_and_what_to_write(self, dataset) -> None:
        with pytest.raises(
            DataError, match=r"labels\.csv:4 has '1,234', with a thousands"
        ) as caught:
            Regression(field="price").head(dataset.fields())
        assert "Write 1234.5 for 1,234.5" in str(caught.value)

    def test_lists_of_fields_name_each_column_once(self, dataset) -> None:
        with pytest.raises(DataError) as caught:
            Classification(field="colour").head(dataset.fields())
        assert "Fields with classes: 'digit', 'price', 'object_class'." in str(caught.value)

    def test_a_column_called_like_the_classes_of_another_keeps_its_name(
        self, tmp_path, write_image
    ) -> None:
        write_image("a.png"), write_image("b.png")
        (tmp_path / "labels.csv").write_text("file,it,it (classes)\na.png,1,x\nb.png,2,y\n")
        fields = ImageFolder(root=tmp_path, size=8).fields()
        assert fields["it (classes)"].classes == ("x", "y")
        with pytest.raises(
            DataError, match=r"another column has the name of its classes, 'it \(classes\)'"
        ):
            Classification(field="it").head(fields)
