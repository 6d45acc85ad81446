"""Evaluation of compositions, without a job."""
