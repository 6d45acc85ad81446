"""Shoes of different materials, from a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from taskspace_plugins.datasets.compositional._published_pairs import PublishedPairs
from taskspace_plugins.datasets.compositional._shoe_words import MATERIALS, SHOES


class UtZap50k(PublishedPairs):
    """UT-Zap50K in the published layout: 16 materials of 12 types of shoes (`suede slippers`).

    Source: Yu & Grauman 2014. The layout is that of `mit_states`; images are in
    `images/<material>_<type>/`, where the public script of czsl puts them. Published names are read
    as words that stay different: `Faux.Leather` is `fake leather` and `Patent.Leather` `shiny
    leather`. The older split has 33 unseen pairs.

    ```yaml
    dataset: {use: ut_zap50k, root: ut-zap50k, split: compositional}
    ```
    """

    name: ClassVar[str] = "ut_zap50k"

    words: ClassVar[Mapping[str, str]] = MATERIALS | SHOES
