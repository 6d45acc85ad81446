"""What lies in a folder of images: which files are read, and which labels belong to which."""

from __future__ import annotations

from functools import cached_property, partial

from taskspace_plugins.datasets._refusals import Wrong, refuse_files
from taskspace_plugins.datasets.folders._field_sources import as_written
from taskspace_plugins.datasets.folders._folder_parameters import FolderParameters
from taskspace_plugins.datasets.folders._label_files import LabelFiles, label_files, shared_labels
from taskspace_plugins.datasets.folders._label_folders import MapFolder
from taskspace_plugins.datasets.folders._labels import NAME
from taskspace_plugins.datasets.folders._listing import ImageFile, Listing, list_images
from taskspace_plugins.datasets.folders.dense._dense_labels import DenseLabels
from taskspace_plugins.datasets.folders.dense._maps import Maps
from taskspace_plugins.datasets.folders.dense._masks import Masks
from taskspace_plugins.datasets.folders.files._content import broken_images
from taskspace_plugins.datasets.folders.files._layout import FolderLayout


class ListedFolder(FolderParameters):
    """A folder of images whose files are listed; nothing but names is read for it."""

    @cached_property
    def _listing(self) -> Listing:
        # Labels may lie among the images; only those are told apart by their names.
        others = [folder for _, folder in self._folders.values() if not self._is_root(folder)]
        listing = list_images(self.root, others, read={NAME})
        labels = {
            label
            for spec, folder in self._folders.values()
            if self._is_root(folder)
            for label in shared_labels((i.name for i in listing.images), spec.name).values()
        }
        return Listing(tuple(i for i in listing.images if i.name not in labels), listing.unread)

    @cached_property
    def _broken(self) -> tuple[Wrong, ...]:
        return broken_images(self._listing.images, self.white) if self.unreadable == "skip" else ()

    @cached_property
    def _rows(self) -> tuple[int, ...]:
        """Return the numbers of the images that are read, among those that are listed."""
        broken = {name for name, _ in self._broken}
        rows = tuple(n for n, i in enumerate(self._listing.images) if i.name not in broken)
        if not rows:
            self._refuse(list(self._broken))
        return rows

    @cached_property
    def _images(self) -> tuple[ImageFile, ...]:
        return tuple(self._listing.images[row] for row in self._rows)

    @cached_property
    def _layout(self) -> FolderLayout:
        return FolderLayout(self.part_folders, self.class_level)

    @cached_property
    def _label_files(self) -> dict[str, LabelFiles]:
        return {
            name: label_files(
                folder,
                self._listing.images,
                spec.name,
                shared=self._is_root(folder),
                said=partial(
                    as_written,
                    "maps" if isinstance(spec, MapFolder) else "masks",
                    name,
                    spec.folder,
                ),
            )
            for name, (spec, folder) in self._folders.items()
        }

    @cached_property
    def _dense(self) -> dict[str, DenseLabels]:
        dense: dict[str, DenseLabels] = {}
        for name, (spec, folder) in self._folders.items():
            files = [self._label_files[name].files[row] for row in self._rows]
            if isinstance(spec, MapFolder):
                dense[name] = Maps(folder, files, spec, [image.path for image in self._images])
            else:
                dense[name] = Masks(folder, files, spec)
        return dense

    def _refuse(self, unreadable: list[Wrong]) -> None:
        refuse_files(
            self.root,
            unreadable,
            "cannot be read as an image",
            "Repair or remove what is named, or set `unreadable: skip` to leave it out.",
        )
