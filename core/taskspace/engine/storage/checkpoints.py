"""Checkpoints of cells in a store: a file each under the cell's key, never a pickle.

The first line is the checksum of the rest; the second line is a header in JSON that names the key,
what it was computed on, and holds the record; the rest is safetensors.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from taskspace.components import Snapshot
from taskspace.components.exchanged.device import arithmetic
from taskspace.engine.own_files import is_own_file, read_own, refuse_link
from taskspace.engine.refusal import reason, store_explained
from taskspace.engine.storage.artifact import ArtifactFile
from taskspace.engine.storage.store import Store
from taskspace.engine.storage.stored import KEY

SCHEMA = 1


class StoredCheckpoint:
    """The checkpoint of a cell in a store.

    Args:
        device: that the cell is computed on, with `cpus` threads.
        is_sound: whether everything that the cell has read is still what it was.

    Attributes:
        refusal: why one could not be written, for people; empty where none was refused.
    """

    def __init__(
        self, store: Store, key: str, device: str, cpus: int, is_sound: Callable[[], bool]
    ) -> None:
        self._store = store
        self._key = key
        self._computed_on = device, cpus
        self._is_sound = is_sound
        self.refusal = ""

    def load(self) -> Snapshot | None:
        """Return what was saved last; None where it is damaged, or was computed elsewhere."""
        try:
            content = read_own(checkpoint_file(self._store, self._key))
        except OSError:
            return None
        checksum, _, sealed = content.partition(b"\n")
        if hashlib.sha256(sealed).hexdigest().encode() != checksum:
            return None
        line, _, tensors = sealed.partition(b"\n")
        try:
            header = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(header, dict) or header.get("record_of") != self._header():
            return None
        from safetensors.torch import load  # noqa: PLC0415  imports torch

        return Snapshot(header["record"], load(tensors))

    def save(self, snapshot: Snapshot) -> None:
        """Replace what was saved, unless the disk refuses or the cell has read what is damaged."""
        from safetensors.torch import save  # noqa: PLC0415  imports torch

        if not self._is_sound():
            return
        tensors = {name: each.detach().cpu() for name, each in snapshot.tensors.items()}
        header = {"record_of": self._header(), "record": dict(snapshot.record)}
        body = save({name: tensor.contiguous() for name, tensor in tensors.items()})
        try:
            self._write(json.dumps(header).encode("utf-8"), body)
        except OSError as error:
            place = error.filename or checkpoint_file(self._store, self._key)
            self.refusal = f"{reason(error)}, {os.fsdecode(place)}"

    def _write(self, header: bytes, body: bytes) -> None:
        path = checkpoint_file(self._store, self._key)
        refuse_link(path.parent)
        if shutil.disk_usage(path.parent).free < 2 * (len(header) + len(body)):
            # A result may need the space more: without it the run ends.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        checksum = hashlib.sha256(header + b"\n")
        checksum.update(body)
        draft = self._store.draft(self._key[:12])
        try:
            file = ArtifactFile(draft)
            try:
                for part in (checksum.hexdigest().encode(), b"\n", header, b"\n", body):
                    file.write(part)
            finally:
                file.close()
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink()

    def _header(self) -> Mapping[str, Any]:
        return {"schema": SCHEMA, "key": self._key, **arithmetic(*self._computed_on)}


def checkpoint_file(store: Store, key: str) -> Path:
    """Return where the checkpoint of a cell is, or would be."""
    return store.root / "checkpoints" / key


def remove_checkpoint(store: Store, key: str) -> None:
    """Remove the checkpoint of a cell, if it has one and the system allows it."""
    path = checkpoint_file(store, key)
    with suppress(OSError):
        refuse_link(path.parent)
        path.unlink()


def checkpoint_keys(store: Store) -> list[str]:
    """Return the key of every cell with a checkpoint; what else lies there is not looked at.

    Raises:
        StoreError: if they cannot be seen.
    """
    entries = [each for each in store.entries("checkpoints") if KEY.fullmatch(each.name)]
    with store_explained(store.root, "read"):
        return [each.name for each in entries if is_own_file(each)]
