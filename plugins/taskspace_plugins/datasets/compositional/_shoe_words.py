"""The names of UT-Zap50K as words, no two of them alike."""

from __future__ import annotations

MATERIALS = {
    "Canvas": "canvas",
    "Cotton": "cotton",
    "Faux.Fur": "fake fur",
    "Faux.Leather": "fake leather",
    "Full.grain.leather": "thick leather",
    "Hair.Calf": "hair leather",
    "Leather": "leather",
    "Nubuck": "grainy leather",
    "Nylon": "nylon",
    "Patent.Leather": "shiny leather",
    "Rubber": "rubber",
    "Satin": "satin",
    "Sheepskin": "sheepskin",
    "Suede": "suede",
    "Synthetic": "synthetic",
    "Wool": "wool",
}
"""The published materials. Reading five of them as `leather`, as is usual, makes them one task."""

SHOES = {
    "Boots.Ankle": "ankle boots",
    "Boots.Knee.High": "knee high boots",
    "Boots.Mid-Calf": "mid calf boots",
    "Sandals": "sandals",
    "Shoes.Boat.Shoes": "boat shoes",
    "Shoes.Clogs.and.Mules": "clogs",
    "Shoes.Flats": "flat shoes",
    "Shoes.Heels": "heels",
    "Shoes.Loafers": "loafers",
    "Shoes.Oxfords": "oxfords",
    "Shoes.Sneakers.and.Athletic.Shoes": "sneakers",
    "Slippers": "slippers",
}
"""The published types of shoes."""
