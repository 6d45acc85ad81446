"""Write CIFAR-10 in its binary layout from an archive of JPEG copies.

    python benchmarks/cifar_files.py cifar10_jpeg.npz cifar-10-batches-bin
    tasks run jobs/zeroshot-photos.yaml --set dataset.path=cifar-10-batches-bin

For who has the copies but not the published archive. JPEG loses detail, so what is measured on the
copies is near what the published images give, not equal to it. The archive holds, for `train` and
for `test`, the bytes (`train_jpeg`, uint8), where each image starts (`train_offset`, int64, n + 1)
and the classes (`train_label`).
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image

FILES = {
    "train": [f"data_batch_{number}.bin" for number in range(1, 6)],
    "test": ["test_batch.bin"],
}
EACH = 10_000


def record(label: int, jpeg: bytes) -> bytes:
    """Return a label and 3,072 pixels: red, green and blue, each row by row."""
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
    return bytes([label]) + pixels.transpose(2, 0, 1).tobytes()


def main() -> None:
    """Write six files of 10,000 records."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with np.load(options.archive) as archive:
        for part, names in FILES.items():
            jpeg, offset = archive[f"{part}_jpeg"].tobytes(), archive[f"{part}_offset"]
            label = archive[f"{part}_label"]
            # Copies are sorted by class; the published files hold all classes.
            order = np.random.default_rng(0).permutation(len(label))
            for name, rows in zip(names, order.reshape(len(names), EACH), strict=True):
                images = (record(int(label[n]), jpeg[offset[n] : offset[n + 1]]) for n in rows)
                (options.folder / name).write_bytes(b"".join(images))
                print(f"wrote {options.folder / name}")


if __name__ == "__main__":
    main()
