"""Recordings of drives: labelled frames, clips, and where the car went."""
