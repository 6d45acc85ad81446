"""The names behind the class numbers of `rooms`; light, so that listing a job needs no torch."""

from __future__ import annotations

SCENE_CLASSES = (
    "office",
    "bedroom",
    "living_room",
    "kitchen",
    "corridor",
    "bathroom",
    "dining_room",
    "classroom",
    "storage_room",
    "lobby",
)

STRUCTURE_CLASSES = ("wall", "floor", "ceiling", "window", "door", "pillar")

FURNITURE_CLASSES = (
    "table",
    "chair",
    "sofa",
    "bed",
    "shelf",
    "lamp",
    "plant",
    "cabinet",
    "rug",
    "screen",
    "sink",
    "toilet",
    "bathtub",
    "stove",
    "fridge",
    "picture",
    "board",
    "curtain",
    "box",
    "bin",
    "ball",
    "vessel",
)

SEMANTIC_CLASSES = STRUCTURE_CLASSES + FURNITURE_CLASSES

# What lies or hangs flat is part of the room's dress, never a view's main object.
OBJECT_CLASSES = tuple(
    name for name in FURNITURE_CLASSES if name not in ("rug", "picture", "curtain")
)
