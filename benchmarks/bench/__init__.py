"""Measures of speed and memory, as ratios taken in one process."""
