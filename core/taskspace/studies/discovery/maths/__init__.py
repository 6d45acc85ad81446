"""Agreement, hypergradients, spheres and splits as plain functions on arrays and modules."""
