"""Rendered objects of many surfaces: every image is named by two words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
import pydantic

from taskspace.components import Dataset, Field, Sample
from taskspace.layout import codes
from taskspace_rooms.cache import Chunks, data_folder
from taskspace_rooms.compositions.chunk import CHUNK, GENERATOR, chunk_files, render_chunk
from taskspace_rooms.compositions.words import ATTRIBUTES, OBJECTS, shown


class RenderedCompositions(Dataset):
    """Generated images of one object with one attribute, each a word: a striped sofa.

    14 attributes (materials, patterns, colours) and 16 objects, ray-cast in a room whose walls,
    light and camera vary. Every pair of words is in equally many images up to one, and a larger
    dataset begins with the images of a smaller one. Everything follows from the seed. Images are
    rendered when they are first read and kept under `$TASKS_DATA`.
    """

    name: ClassVar[str] = "compositions"

    images: int = pydantic.Field(
        3000, ge=1, le=10_000_000, examples=[16], description="How many images; 224 have all pairs."
    )
    size: int = pydantic.Field(
        64, ge=16, le=1024, examples=[32], description="Height and width in pixels."
    )
    seed: int = pydantic.Field(0, ge=0, lt=2**32, description="Another seed, other images.")

    @cached_property
    def _chunks(self) -> Chunks:
        world = f"compositions {GENERATOR} {self.size} {self.seed}"
        name = hashlib.sha256(world.encode()).hexdigest()[:16]
        make = partial(render_chunk, size=self.size, seed=self.seed)
        folder = data_folder() / "compositions" / name
        return Chunks(folder, chunk_files(self.size), make, -(-self.images // CHUNK))

    def fingerprint(self) -> str:
        """Return a hash of the generator's version and the parameters; nothing is rendered."""
        world = f"compositions {GENERATOR} {self.images} {self.size} {self.seed}"
        return hashlib.sha256(world.encode()).hexdigest()

    def fields(self) -> Mapping[str, Field]:
        """Return the image, the attribute and the object."""
        return {
            "image": Field((3, self.size, self.size), description="Multiples of 1/255."),
            "attribute": Field((), ATTRIBUTES, "The surface of the object."),
            "object": Field((), OBJECTS, "What the image shows."),
        }

    def length(self) -> int:
        """Return `images`."""
        return self.images

    def word_fields(self) -> Sequence[str]:
        """Return the two fields whose words name an image."""
        return ("attribute", "object")

    def sentences(self) -> Sequence[str]:
        """Return how each attribute is painted and how each object is built; pairs are not said."""
        from taskspace_rooms.compositions.sentences import sentences  # noqa: PLC0415  (needs torch)

        return sentences()

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Collection[str] | None = None
    ) -> Sample:
        """Return images; those that nobody has read before are rendered first.

        Raises:
            DataError: if what is rendered cannot be kept.
        """
        import torch  # noqa: PLC0415  (reading needs it, listing does not)

        images = np.arange(self.images)[np.asarray(indices, dtype=np.int64)]
        wanted = self.fields() if fields is None else fields
        return {name: torch.from_numpy(self._field(name, images)) for name in wanted}

    def _field(self, name: str, images: np.ndarray) -> np.ndarray:
        if name == "image":
            return codes.IMAGE.decode(self._chunks.rows("image", images, CHUNK))
        return shown(images.tolist(), self.seed)[:, self.word_fields().index(name)]
