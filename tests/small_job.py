"""A job that ends in a second or two."""

SMALL_JOB = """\
study: taxonomy
name: small
dataset: digits
tasks: [identity, edges_2d]
encoder: {use: small_conv, width: 4}
train: {epochs: 1}
transfer: {max_order: 1, images: 60, epochs: 1}
solve: {budgets: [1], random_policies: 5}
"""
