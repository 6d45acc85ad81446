"""CIFAR in its binary layout: what cannot be used is named, with what to do."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest
from cifar_files import BOTH, EACH, made_up, write_archive, write_folder

from taskspace.errors import DataError
from taskspace_plugins.datasets.cifar10 import Cifar10
from taskspace_plugins.datasets.cifar100 import Cifar100


def refused(cls, path: Path, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        cls(path=path, partial=True, **options).fingerprint()
    assert cls.release.archive in str(caught.value.advice)
    assert cls.release.md5 in str(caught.value.advice)
    return caught.value


@BOTH
def test_fewer_records_than_were_published_are_asked_about(cls, cifar_folders) -> None:
    with pytest.raises(DataError, match=f"has {EACH} records, where") as caught:
        cls(path=cifar_folders[cls]).length()
    assert all(file.name in caught.value.what for file in cls.release.files)
    assert caught.value.what.count("set `partial`") == len(cls.release.files)


@pytest.mark.parametrize("surplus", [-1, 1, -3074, 3074])
def test_a_whole_file_of_another_size_is_refused(surplus, tmp_path) -> None:
    published = 10_000 * 3074
    with (tmp_path / "test.bin").open("wb") as stream:
        stream.truncate(published)
    assert Cifar100(path=tmp_path, part="test").length() == 10_000
    with (tmp_path / "test.bin").open("r+b") as stream:
        stream.truncate(published + surplus)
    with pytest.raises(DataError, match=r"test\.bin has"):
        Cifar100(path=tmp_path, part="test").length()


@BOTH
@pytest.mark.parametrize("size", [0, 1, 3072, 3075, 7000])
def test_a_file_that_is_cut_off_is_named_with_its_size(cls, size, own_cifar) -> None:
    folder = own_cifar(cls)
    file = folder / cls.release.files[0].name
    file.write_bytes(file.read_bytes()[:size])
    what = refused(cls, folder).what
    assert what.startswith(f"{file.name} has {size:,} bytes, which are no records of ")


@BOTH
def test_a_file_that_is_missing_is_named(cls, own_cifar) -> None:
    folder = own_cifar(cls)
    (folder / cls.release.files[-1].name).unlink()
    error = refused(cls, folder)
    assert error.what.startswith(f"{cls.release.files[-1].name} of {cls.release.title} is not here")
    assert cls.release.files[0].name in error.what.partition("found")[2]
    assert error.where == str(folder)


@BOTH
def test_nothing_there_is_named(cls, tmp_path) -> None:
    assert refused(cls, tmp_path / "absent").where == str(tmp_path / "absent")
    assert "found nothing" in refused(cls, tmp_path).what
    assert "cannot be read" in refused(cls, tmp_path / ("long" * 999)).what


def test_the_archive_of_the_other_is_not_taken_for_it(cifar_folders) -> None:
    assert "found test.bin, train.bin" in refused(Cifar10, cifar_folders[Cifar100]).what
    assert "found data_batch_1.bin" in refused(Cifar100, cifar_folders[Cifar10]).what


PICKLES = {Cifar10: ("data_batch_1", "test_batch", "batches.meta"), Cifar100: ("train", "test")}


@BOTH
@pytest.mark.parametrize("form", ["folder", "parent", "archive"])
def test_pickles_are_refused_and_never_loaded(cls, form, tmp_path) -> None:
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    files = {name: pickle.dumps(Trap()) for name in PICKLES[cls]}
    if form == "archive":
        path = write_archive(tmp_path / "python.tar.gz", files, inside=cls.release.pickles)
    else:
        path = write_folder(tmp_path / "all" / cls.release.pickles, files)
    error = refused(cls, path.parent if form == "parent" else path)
    assert "pickles" in error.what
    assert not (tmp_path / "sprung").exists()


@BOTH
def test_the_matlab_version_is_refused(cls, tmp_path) -> None:
    stem = cls.release.files[0].name.removesuffix(".bin")
    path = write_folder(tmp_path / "matlab", {f"{stem}.mat": b"MATLAB 5.0"})
    assert "Matlab" in refused(cls, path).what


@pytest.mark.parametrize(
    ("cls", "label"), [(Cifar10, 10), (Cifar10, 255), (Cifar100, 100), (Cifar100, 255)]
)
def test_a_label_that_is_out_of_range_is_named(cls, label, own_cifar) -> None:
    folder = own_cifar(cls)
    file = folder / cls.release.files[-1].name
    content = bytearray(file.read_bytes())
    content[7 * cls.release.record + cls.release.labels - 1] = label
    file.write_bytes(content)
    what = refused(cls, folder).what
    assert what.startswith(f"Record 7 of {file.name} has the label {label}; {cls.release.title}")


@pytest.mark.parametrize("coarse", [0, 5, 20, 255])
def test_a_superclass_that_is_not_the_one_of_the_class_is_named(coarse, own_cifar) -> None:
    folder = own_cifar(Cifar100)
    file = folder / "train.bin"
    content = bytearray(file.read_bytes())
    content[0] = coarse
    file.write_bytes(content)
    what = refused(Cifar100, folder).what
    assert f"Record 0 of train.bin has the superclass {coarse} and the class 'apple'" in what
    assert "4 (fruit_and_vegetables)" in what


@BOTH
@pytest.mark.parametrize("fault", ["cut", "flipped", "no archive", "empty", "cut when plain"])
def test_a_damaged_archive_is_named_with_its_checksum(cls, fault, tmp_path) -> None:
    path = tmp_path / cls.release.archive
    write_archive(path, made_up(cls, 3), inside="x", packed=fault != "cut when plain")
    content = bytearray(path.read_bytes())
    if fault.startswith("cut"):
        content = content[: len(content) // 2]
    elif fault == "flipped":
        content[5000] ^= 1  # a pixel, which only the checksum at the end can tell
    path.write_bytes({"no archive": b"hello", "empty": b""}.get(fault, bytes(content)))
    error = refused(cls, path)
    assert error.what.startswith("The archive cannot be read")
    assert f"Its MD5 is {hashlib.md5(path.read_bytes()).hexdigest()}." in error.what


def test_an_archive_with_more_than_was_published_is_not_read(tmp_path) -> None:
    path = write_archive(tmp_path / "a.tar", {"test.bin": bytes(30_740_001)}, inside="x")
    assert "more than the 30,740,000" in refused(Cifar100, path, part="test").what


def test_an_archive_that_points_elsewhere_leaves_no_file(cifar_folders, tmp_path) -> None:
    here = tmp_path / "deep" / "er"
    here.mkdir(parents=True)
    path = write_archive(here / "a.tar.gz", made_up(Cifar10, 2), inside="../..")
    assert Cifar10(path=path, partial=True).length() == 12
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
