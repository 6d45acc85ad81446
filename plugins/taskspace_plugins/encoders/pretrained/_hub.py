"""Files of the Hugging Face hub: each is downloaded once, and announced on stderr first."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from taskspace.errors import InputError

SPDX: Mapping[str, str] = {
    "apache-2.0": "Apache-2.0",
    "bsd-3-clause": "BSD-3-Clause",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "mit": "MIT",
}
"""Licences as model cards write them, by which most models are published, and as SPDX does."""


def hub_file(model: str, file: str) -> Path:
    """Return a file of a model, from the cache on this machine or else from the network.

    A line on stderr announces a download.

    Raises:
        InputError: if there is none, or the hub cannot be reached.
    """
    from huggingface_hub import hf_hub_download  # noqa: PLC0415  an extra
    from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(hf_hub_download(model, file, local_files_only=True))
    except LocalEntryNotFoundError:
        sys.stderr.write(f"Downloading {file} of {model} from the Hugging Face hub.\n")
        sys.stderr.flush()
    except ValueError as error:
        raise _unavailable(model, file, error) from error
    try:
        return Path(hf_hub_download(model, file))
    except (OSError, ValueError) as error:
        raise _unavailable(model, file, error) from error


def spdx_of(licence: str | None) -> str | None:
    """Return a licence as SPDX writes it, where it is a frequent one; else as it is."""
    return None if licence is None else SPDX.get(licence.lower(), licence)


def _unavailable(model: str, file: str, error: Exception) -> InputError:
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return InputError(
        f"{file} of {model!r} cannot be downloaded from the Hugging Face hub: {reason}.",
        advice="Check the name and the network, or give the file or folder on this machine.",
    )
