"""Labels and scores from frozen codes as plain functions: probes, k-means, priors."""
