"""Python detectors: bandit's checks, on our own walk over a parsed snippet."""
