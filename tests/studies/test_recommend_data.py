"""The folders of the study that picks encoders: experts and targets, and what their labels say."""

from __future__ import annotations

import importlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from taskspace_plugins.datasets.folders.image_folder import ImageFolder
from taskspace_plugins.tasks.labels.classification import Classification

SHARED = Path(__file__).parents[3] / "shared" / "data"
CIFAR = SHARED / "cifar10" / "cifar10_jpeg.npz"
FOLDERS = ("cifar10_experts", "cifar10_targets", "mnist", "fashion", "cifar100")


@pytest.fixture(scope="module")
def modules():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        yield {
            name: importlib.import_module(f"recommend_{name}")
            for name in ("archives", "data", "tasks")
        }


@pytest.fixture(scope="module")
def written(modules, tmp_path_factory):
    """The folders, from the real archives."""
    if not CIFAR.is_file():
        pytest.skip(f"needs {CIFAR}")
    root = tmp_path_factory.mktemp("recommend") / "data"
    sizes = ["--experts", "400", "--targets", "300"]
    modules["data"].main(["--from", str(SHARED), "--to", str(root), *sizes])
    return root


def archive_of(folder: Path, pictures: np.ndarray, labels: list[int]) -> Path:
    """An archive of these training images, PNG instead of JPEG so that pixels stay; one to test."""

    def arrays(part, rows):
        files = []
        for row in rows:
            file = io.BytesIO()
            Image.fromarray(pictures[row]).save(file, "png")
            files.append(file.getvalue())
        return {
            f"{part}_jpeg": np.frombuffer(b"".join(files), np.uint8),
            f"{part}_offset": np.cumsum([0, *map(len, files)]),
            f"{part}_label": np.array([labels[row] for row in rows], np.uint8),
        }

    path = folder / "cifar.npz"
    last = len(pictures) - 1
    np.savez(path, **arrays("train", range(last)), **arrays("test", [last]))
    return path


def photographs(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def test_images_of_training_and_test_files_stand_in_one_order(modules, tmp_path):
    pictures = photographs(4)
    cifar = modules["archives"].Cifar10(archive_of(tmp_path, pictures, [0, 3, 9, 6]))
    assert cifar.labels == ["airplane", "cat", "truck", "frog"]
    np.testing.assert_array_equal(cifar.pictures([3, 0]), pictures[[3, 0]])


def test_a_target_image_that_repeats_one_of_the_experts_is_passed_over(modules, tmp_path):
    pictures = photographs(6)
    pictures[4] = 0.8 * pictures[1] + 10
    cifar = modules["archives"].Cifar10(archive_of(tmp_path, pictures, [0] * 6))
    assert cifar.unlike([3, 4, 5], pictures[:3], 2) == [3, 5]
    assert cifar.unlike([3, 4, 5], pictures[:1], 2) == [3, 4]


def test_plain_images_are_like_no_other(modules):
    plain = np.full((2, 32, 32, 3), 90, np.uint8)
    assert np.abs(modules["archives"].thumbnails(plain)).max() == 0


def test_grey_digits_get_a_black_border_of_two_pixels(modules):
    digits = photographs(3)[:, :28, :28, 0]
    padded = modules["archives"].rgb32(digits)
    assert padded.shape == (3, 32, 32, 3)
    np.testing.assert_array_equal(padded[:, 2:30, 2:30], np.stack([digits] * 3, axis=3))
    assert padded.sum() == 3 * digits.sum(dtype=np.int64)


def test_a_label_is_in_one_class_of_a_task_at_most(modules):
    tasks = modules["tasks"]
    superclasses = [name for kind in tasks.CIFAR100_KINDS.values() for name in kind]
    tables = [tasks.EXPERTS, *tasks.TARGETS.values(), tasks.cifar100_tasks(superclasses)]
    for name, classes in [each for table in tables for each in table.items()]:
        members = [label for labels in classes.values() for label in labels]
        assert len(members) == len(set(members)), name
        assert len(classes) >= 2, name


def test_a_label_without_a_class_is_blank(modules):
    classes = {"tame": ("cat", "dog"), "wild": ("deer",)}
    column = modules["tasks"].column
    assert column(classes, ["deer", "ship", "dog"]) == ["wild", "", "tame"]


def test_labels_from_the_image_follow_from_its_pixels(modules):
    grey = np.arange(0, 256, 32, dtype=np.uint8)
    pictures = np.broadcast_to(grey[::-1, None, None, None], (8, 32, 32, 3)).copy()
    words = ["bright", "bright", "light", "light", "dim", "dim", "dark", "dark"]
    assert modules["tasks"].brightness(pictures) == words
    stripes = np.tile(np.repeat(np.uint8([0, 200]), 4), 4)
    upright = np.broadcast_to(stripes[None, :, None], (32, 32, 3))
    crossed = np.maximum(upright, upright.transpose(1, 0, 2))
    drawn = np.stack([upright, upright.transpose(1, 0, 2), crossed])
    assert modules["tasks"].edge_direction(drawn) == ["vertical", "horizontal", "mixed"]
    tinted = np.zeros((3, 32, 32, 3), np.uint8)
    tinted[0, ..., 2] = tinted[2, ..., 0] = 99
    assert modules["tasks"].warmth(tinted) == ["cold", "neutral", "warm"]


def test_every_column_is_a_task_of_classes(written):
    counts = {}
    for name in FOLDERS:
        dataset = ImageFolder(root=written / name, size=32)
        fields = dataset.fields()
        labels = [field for field in fields if field != "image"]
        counts[name] = (dataset.length(), len(labels))
        for field in labels:
            head = Classification(field=field).head(fields)
            assert head.size == len(fields[field].classes) >= 2
    assert counts == {
        "cifar10_experts": (400, 15),
        "cifar10_targets": (300, 7),
        "mnist": (2006, 4),
        "fashion": (2006, 3),
        "cifar100": (1402, 4),
    }


def test_experts_and_targets_share_no_image(written):
    experts, targets = (
        {file.name: file.read_bytes() for file in (written / name).glob("*.png")}
        for name in ("cifar10_experts", "cifar10_targets")
    )
    assert (len(experts), len(targets)) == (400, 300)
    assert not experts.keys() & targets.keys()
    assert not set(experts.values()) & set(targets.values())


def test_more_experts_would_not_take_the_images_of_targets(written):
    for_experts = np.random.default_rng(0).permutation(60_000)[:40_000]
    targets = [int(file.stem) for file in (written / "cifar10_targets").glob("*.png")]
    assert len(targets) == 300
    assert not np.isin(targets, for_experts).any()


def test_missing_archives_are_named_before_anything_is_written(modules, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        modules["data"].main(["--from", str(tmp_path), "--to", str(tmp_path / "out")])
    assert ended.value.code == 2
    assert "lacks cifar10/cifar10_jpeg.npz" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
