"""Objects in different states, from pictures of the web."""

from __future__ import annotations

from typing import ClassVar

from taskspace_plugins.datasets.compositional._published_pairs import PublishedPairs


class MitStates(PublishedPairs):
    """MIT-States in the published layout: 115 states of 245 objects (`old bear`, `wet moss`).

    Source: Isola et al. 2015. `root` holds the two folders of pair lists, the metadata beside them
    (`metadata_compositional-split-natural.t7`) and `images`; attributes-as-operators (Nagarajan &
    Grauman 2018) and czsl (Mancini et al. 2021) say where they are to be had. Of an image, the
    largest centred square is scaled to `size`. The older split has 700 unseen pairs.

    ```yaml
    dataset: {use: mit_states, root: mit-states, split: natural}
    ```
    """

    name: ClassVar[str] = "mit_states"
