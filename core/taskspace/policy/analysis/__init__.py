"""What stands around a policy: random ones, the next best, what single decisions are worth."""
