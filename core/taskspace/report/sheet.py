"""A contact sheet: one sample of a dataset with every task's input and label, as a picture."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from taskspace.components import Dataset, Field, Task, stable_seed
from taskspace.errors import TaskspaceError

if TYPE_CHECKING:
    import torch

SIDE = 128
"""The longest side of a picture on the sheet, pixels."""
WIDTH, NARROWEST = 1190, SIDE
MARGIN, GAP = 18, 8
HEADING, TEXT, SMALL = 24, 15, 13
TITLE, LINE = 24, 18
PAPER, INK, FAINT = "white", "#1c2630", "#5b6673"
LONGEST = 6
"""How many lines of words of a label are shown."""


@dataclass(frozen=True)
class Tile:
    """One task on a sample.

    Attributes:
        title: the task's name.
        pictures: uint8 [H, W, 3]: the input's views where they differ from the image, then the
            label where it has a picture.
        words: the label in words where it has none.
    """

    title: str
    pictures: tuple[np.ndarray, ...]
    words: str = ""


@dataclass(frozen=True)
class Untold:
    """A task that the sample cannot be shown for, and why."""

    title: str
    reason: str


def sample_tiles(
    dataset: Dataset, tasks: Mapping[str, Task], sample: int
) -> tuple[list[Tile], list[Untold]]:
    """Return the image and a tile for each task that the dataset serves, and what was left out.

    The tiles are in the order of the tasks.

    Args:
        dataset: whose fields decide which tasks there are.
        tasks: by the name that is shown.
        sample: the number of the sample.
    """
    fields = dataset.fields()
    served = {title: task for title, task in tasks.items() if task.needs(fields) <= set(fields)}
    needed = {"image"}.union(*(task.needs(fields) for task in served.values()))
    values = dataset.read([sample], needed)
    image = _picture(values["image"][0])
    tiles, untold = [Tile("image", (image,))], []
    for title, task in served.items():
        try:
            tiles.append(_tile(title, task, fields, values, sample))
        except TaskspaceError as error:
            untold.append(Untold(title, str(error)))
    return tiles, untold


def _tile(
    title: str, task: Task, fields: Mapping[str, Field], values: Mapping[str, torch.Tensor], n: int
) -> Tile:
    import torch  # noqa: PLC0415  a sheet is drawn, not listed

    task.head(fields)
    generator = torch.Generator().manual_seed(stable_seed(title, n) % 2**31)
    example = task.example(values, generator)
    views = example.input[0] if task.views > 1 else example.input[:1]
    same = task.views == 1 and torch.equal(views[0], values["image"][0])
    pictures = [] if same else [_picture(view) for view in views]
    drawn = task.picture(example.target, example.input)
    if drawn is not None:
        return Tile(title, (*pictures, _picture(drawn[0])))
    return Tile(title, tuple(pictures), task.words(example.target, fields)[0])


def _picture(values: torch.Tensor) -> np.ndarray:
    """Return an image [C, H, W] in [0, 1] as uint8 [H, W, 3]; other channels become one grey."""
    channels = values if values.shape[0] == 3 else values.mean(dim=0, keepdim=True)
    pixels = (channels.clamp(0, 1).nan_to_num(0.5) * 255).round().byte()
    return pixels.expand(3, -1, -1).permute(1, 2, 0).numpy()


def draw_sheet(title: str, tiles: Sequence[Tile]) -> Image.Image:
    """Return the sheet: tiles side by side in rows, each under its title, in the given order.

    Tiles without a picture that follow each other share a column.
    """
    titles, words = _font(TEXT), _font(SMALL)
    columns = list(_columns([_card(tile, titles, words) for tile in tiles], tiles))
    rows = list(_rows(columns))
    top = MARGIN + HEADING + 2 * GAP
    heights = [max(column.height for column in row) for row in rows]
    sheet = Image.new("RGB", (WIDTH, top + sum(heights) + MARGIN * len(rows)), PAPER)
    ImageDraw.Draw(sheet).text((MARGIN, MARGIN), title, fill=INK, font=_font(HEADING))
    for row, height in zip(rows, heights, strict=True):
        left = MARGIN
        for column in row:
            sheet.paste(column, (left, top))
            left += column.width + MARGIN
        top += height + MARGIN
    return sheet


def as_png(sheet: Image.Image, *, palette: bool) -> bytes:
    """Return the sheet as a file, exact, or dithered to 256 colours for a smaller one."""
    if palette:
        # An octree keeps the flat colours of classes; median cut dithers them.
        colours = sheet.quantize(256, Image.Quantize.FASTOCTREE)
        sheet = sheet.quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG)
    stream = io.BytesIO()
    sheet.save(stream, "PNG", optimize=palette)
    return stream.getvalue()


def _columns(cards: Sequence[Image.Image], tiles: Sequence[Tile]) -> Iterator[Image.Image]:
    """Yield the cards, those of words alone on top of each other as long as a picture is high."""
    stack: list[Image.Image] = []
    for card, tile in zip(cards, tiles, strict=True):
        if stack and (tile.pictures or _height([*stack, card]) > TITLE + SIDE):
            yield _stacked(stack)
            stack = []
        if tile.pictures:
            yield card
        else:
            stack.append(card)
    if stack:
        yield _stacked(stack)


def _height(cards: Sequence[Image.Image]) -> int:
    return sum(card.height for card in cards) + GAP * (len(cards) - 1)


def _stacked(cards: Sequence[Image.Image]) -> Image.Image:
    column = Image.new("RGB", (max(card.width for card in cards), _height(cards)), PAPER)
    top = 0
    for card in cards:
        column.paste(card, (0, top))
        top += card.height + GAP
    return column


def _rows(columns: Sequence[Image.Image]) -> Iterator[list[Image.Image]]:
    row: list[Image.Image] = []
    for column in columns:
        if row and sum(c.width + MARGIN for c in (*row, column)) + MARGIN > WIDTH:
            yield row
            row = []
        row.append(column)
    if row:
        yield row


def _card(tile: Tile, titles: ImageFont.FreeTypeFont, words: ImageFont.FreeTypeFont) -> Image.Image:
    pictures = [_sized(picture) for picture in tile.pictures]
    across = sum(picture.width for picture in pictures) + GAP * max(len(pictures) - 1, 0)
    tall = TITLE + max((picture.height + GAP // 2 for picture in pictures), default=0)
    width = max(across, NARROWEST, ceil(titles.getlength(tile.title)))
    lines = _wrapped(tile.words, width, words)
    width = max([width, *(ceil(words.getlength(line)) for line in lines)])
    card = Image.new("RGB", (width, tall + LINE * len(lines)), PAPER)
    draw = ImageDraw.Draw(card)
    draw.text((0, 0), tile.title, fill=INK, font=titles)
    left = 0
    for picture in pictures:
        card.paste(picture, (left, TITLE))
        left += picture.width + GAP
    for number, line in enumerate(lines):
        draw.text((0, tall + LINE * number), line, fill=FAINT, font=words)
    return card


def _sized(pixels: np.ndarray) -> Image.Image:
    """Return a picture enlarged by a whole factor, so that pixels stay squares, or reduced."""
    picture = Image.fromarray(pixels)
    longest = max(picture.size)
    if longest > SIDE:
        scale = SIDE / longest
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        return picture.resize(size, Image.Resampling.BOX)
    factor = SIDE // longest
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.NEAREST)


def _wrapped(words: str, width: int, font: ImageFont.FreeTypeFont) -> list[str]:
    """Return the words in lines of this many pixels; what follows a semicolon begins a line."""
    lines: list[str] = []
    for part in words.split("; ") if words else ():
        line = ""
        for word in part.split():
            longer = f"{line} {word}" if line else word
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines if len(lines) <= LONGEST else [*lines[: LONGEST - 1], f"{lines[LONGEST - 1]} …"]


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TaskspaceError(
            "This Pillow has no FreeType, so no text can be drawn.",
            advice="Install Pillow from its wheels: `pip install --force-reinstall pillow`.",
        )
    return font
