"""Straight-line programs of a few threads: made by a seed, written as a scenario, and judged."""
