"""What several tests share: the oracles, generators of scenarios, programs and comparisons."""
