"""Recommendation of models from tables of errors, without a job."""
