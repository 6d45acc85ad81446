"""What a job may say of a folder of images."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import pydantic

from taskspace.components import Dataset, JobPath
from taskspace_plugins.datasets.folders._groups import CONTENT, FOLDER
from taskspace_plugins.datasets.folders._label_folders import (
    MapFolder,
    MaskFolder,
    check_names,
    label_path,
)


class FolderParameters(Dataset):
    """The parameters of a folder of images, and which of them decide what its samples are."""

    root: JobPath = pydantic.Field(description="The folder that holds the images.")
    size: int = pydantic.Field(
        64,
        ge=2,
        le=2048,
        description="Height and width in pixels: the largest centred square of every image is "
        "resized to this.",
    )
    channels: Literal[1, 3] = pydantic.Field(3, description="1 for grey, 3 for colour (RGB).")
    white: float | None = pydantic.Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="The stored number that is white in grey images of more than 8 bits: 4095 for "
        "12 bits in 16. By default 65535 for whole numbers and 1 for floats.",
    )

    maps: dict[str, MapFolder | str] = pydantic.Field(
        default_factory=dict,
        description="Fields of numbers a pixel: name to folder, or to {folder, unit, zero, "
        "missing, name}; a stored n is (n - zero) * unit.",
    )
    masks: dict[str, MaskFolder | str] = pydantic.Field(
        default_factory=dict,
        description="Fields of classes a pixel: name to folder, or to {folder, missing, name}. A "
        "`classes.txt` in the folder names the ids 0, 1, ..., a line each.",
    )
    group_by: str | None = pydantic.Field(
        None,
        min_length=1,
        description="What splits never divide: a column of labels.csv (the patient, the "
        f"building), which is no field then, `{FOLDER}` for the subfolder directly below `root` "
        f"(or the part), or `{CONTENT}` for images that are equal byte for byte.",
    )
    part_folders: bool = pydantic.Field(
        False,
        description="Whether the folders directly below `root` are parts of the dataset, such as "
        "train, val and test; classes are in the folders below them then.",
    )
    class_level: int = pydantic.Field(
        1,
        description="Which folder is the class: 1 for the one directly below `root` (or the part), "
        "2 for the next, -1 for the one that the image lies in.",
    )
    unreadable: Literal["refuse", "skip"] = pydantic.Field(
        "refuse",
        description="What happens to images that cannot be decoded: `skip` leaves them out and "
        "says so. To find them, all images are decoded first.",
    )
    rows_without_image: Literal["refuse", "skip"] = pydantic.Field(
        "refuse",
        description="What happens to rows of labels.csv about files that are not there: `skip` "
        "leaves them out and says so. Rows about files that are there but not read always are.",
    )
    words: list[str] = pydantic.Field(
        default_factory=list,
        description="Fields of classes whose words together say what an image shows: columns of "
        "labels.csv, which hold words then even where they look like numbers, or `class`, the "
        "subfolder. [state, class] for a broken cup.",
    )
    missing: list[str] | dict[str, list[str]] | None = pydantic.Field(
        None,
        description="What a cell of labels.csv without a value says, beside nothing. Unset: what "
        "spreadsheets and pandas write, such as NA, None, ? and #N/A. [] where such words are "
        "classes; {land: []} where they are in the column `land` alone.",
    )

    @pydantic.model_validator(mode="after")
    def _fields_have_names_of_their_own(self) -> Self:
        check_names(self.maps, self.masks, self.words, self.group_by)
        if self.class_level == 0:
            raise ValueError("`class_level` counts from 1, or from -1 for the innermost folder")
        return self

    @cached_property
    def _folders(self) -> dict[str, tuple[MapFolder | MaskFolder, Path]]:
        """Return what is said of each map and mask, and where it is."""
        specs: dict[str, MapFolder | MaskFolder] = {
            name: MapFolder(folder=given) if isinstance(given, str) else given
            for name, given in self.maps.items()
        } | {
            name: MaskFolder(folder=given) if isinstance(given, str) else given
            for name, given in self.masks.items()
        }
        if not self.root.is_dir():
            return {}  # Listing the images says what is wrong with the root.
        # Sorted, because parameters are: the order of a job's lines must not decide a fingerprint.
        return {
            name: (spec, label_path(self.root, spec, f"dataset image_folder: {name}"))
            for name, spec in sorted(specs.items())
        }

    def _is_root(self, folder: Path) -> bool:
        return folder.resolve() == self.root.resolve()

    def identity(self) -> dict[str, Any]:
        """Return the parameters but for paths, and the fingerprint."""
        identity = super().identity()
        for kind in ("maps", "masks"):
            # What folders and files are called is a path; the field's name and the content stay.
            identity[kind] = {
                name: {}
                if isinstance(given, str)
                else {k: v for k, v in given.items() if k not in ("folder", "name")}
                for name, given in identity[kind].items()
            }
        # Absent at their defaults: they were no parameters once, and keys stay.
        usual: dict[str, Any] = {"words": [], "missing": None, "white": None, "part_folders": False}
        for name, value in (usual | {"class_level": 1}).items():
            if identity[name] == value:
                del identity[name]
        # The content says which images and labels are left.
        del identity["unreadable"], identity["rows_without_image"]
        return identity
