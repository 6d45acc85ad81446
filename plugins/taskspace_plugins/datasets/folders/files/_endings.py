"""What the ending of a name says: an image, or something that is not read."""

from __future__ import annotations

from functools import cache

from PIL import Image

from taskspace_plugins.datasets.folders.files._reasons import (
    ARCHIVE,
    DOCUMENT,
    FORMAT,
    UNFINISHED,
    VIDEO,
    Reason,
)

IMAGES = frozenset(
    {
        *(".apng", ".avif", ".avifs", ".bmp", ".dib", ".gif", ".ico", ".j2c", ".j2k", ".jfif"),
        *(".jp2", ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pcx"),
        *(".pfm", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".sgi", ".tga", ".tif", ".tiff"),
        ".webp",
    }
)
"""Formats that people keep images in and that some Pillow decodes. Not those of printing (.eps),
metafiles and working files (.psd), which it draws otherwise than their programs."""

_FORMATS = {
    "HEIC": "heic heif heics heifs hif",
    "JPEG XL": "jxl",
    "camera raw": "3fr arw cr2 cr3 crw dcr dng erf iiq k25 kdc mef mos mrw nef nrw orf pef raf raw "
    "rw2 rwl sr2 srf srw x3f",
    "SVG": "svg svgz",
    "PDF": "pdf",
    "PostScript": "ps eps ai",
    "Photoshop": "psd psb",
    "GIMP": "xcf",
    "DICOM": "dcm dicom",
    "NIfTI": "nii",
    "FITS": "fit fits fts",
    "OpenEXR": "exr",
    "Radiance": "hdr",
    "DirectDraw": "dds",
    "JPEG XR": "jxr wdp hdp",
    "metafile": "emf wmf",
    "Affinity": "afphoto",
    "icon": "cur icns",
    "whole slide": "svs ndpi mrxs scn",
}
_VIDEOS = "3g2 3gp avi flv m2ts m4v mkv mov mp4 mpe mpeg mpg mts ogv qt vob webm wmv insv lrv gifv"
_ARCHIVES = "7z bz2 gz lmdb rar tar tfrecord tfrecords tgz xz zip zst"
_UNFINISHED = "bak crdownload download old orig part partial swp temp tmp"
_DOCUMENTS = (
    "aae avro bin c cfg conf cpp csv css doc docx feather geojson h h5 hdf5 htm html ini ipynb js "
    "json json5 jsonl key lnk log m mat md names ndjson npy npz odp ods odt onnx parquet pickle "
    "pkl ppt pptx prj pt pth py pyc r rst rtf safetensors sh sha1 sha256 sql sqlite tex toml tsv "
    "txt url wav mp3 m4a flac ogg xls xlsx xml xmp yaml yml db data tfw jgw pgw wld thm"
)


@cache
def readable_endings() -> frozenset[str]:
    """Return the endings of images that this Pillow decodes, in lower case with their dots."""
    formats = Image.registered_extensions()
    return frozenset(ending for ending in IMAGES if formats.get(ending) in Image.OPEN)


def read_as(ending: str) -> tuple[Reason, str] | None:
    """Return why files of an ending (lower case, with its dot) are not read, and their format.

    None where the ending says nothing.
    """
    if ending in IMAGES:
        return FORMAT, ending[1:].upper()
    return _known().get(ending)


@cache
def _known() -> dict[str, tuple[Reason, str]]:
    known = {
        f".{ending}": (FORMAT, name)
        for name, endings in _FORMATS.items()
        for ending in endings.split()
    }
    for reason, endings in (
        (VIDEO, _VIDEOS),
        (ARCHIVE, _ARCHIVES),
        (UNFINISHED, _UNFINISHED),
        (DOCUMENT, _DOCUMENTS),
    ):
        for ending in endings.split():
            known[f".{ending}"] = (reason, ending.upper())
    return known
