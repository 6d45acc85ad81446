"""Beds: the head at -y, against the wall."""

from __future__ import annotations

from taskspace_rooms.furnishing.draw import Draw
from taskspace_rooms.furnishing.parts import Piece, box, piece
from taskspace_rooms.furnishing.style import Style


def bed(draw: Draw, style: Style) -> Piece:
    """Return a bed for one or two with its pillows and blanket."""
    double = draw.chance(0.6)
    width = draw.between(1.4, 1.85) if double else draw.between(0.88, 1.1)
    length, base, thick = (
        draw.between(1.95, 2.1),
        draw.between(0.22, 0.32),
        draw.between(0.16, 0.24),
    )
    frame, blanket = draw.pick((*style.woods, style.fabrics[3])), draw.pick(style.fabrics)
    top, cover = base + thick, length * draw.between(0.5, 0.72)
    pillows = (-1, 1) if double else (0,)
    return piece(
        "bed",
        [
            box(frame, width + 0.06, length, base, (0, 0.03, 0)),
            box(frame, width + 0.06, 0.06, draw.between(0.75, 1.15), (0, -length / 2, 0)),
            box(style.ceramic, width, length - 0.06, thick, (0, 0.03, base)),
            box(
                blanket,
                width + 0.03,
                cover,
                thick * 0.9,
                (0, (length - cover) / 2 + 0.02, base + 0.035),
            ),
            *(
                box(style.ceramic, 0.6, 0.36, 0.12, (side * width / 4, -length / 2 + 0.29, top))
                for side in pillows
            ),
        ],
    )
