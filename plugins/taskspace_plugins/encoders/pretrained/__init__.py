"""Encoders with weights from outside: from a file, from timm, from transformers."""
