"""Arnosti and Weinberg (2022): how a prize is divided among miners whose costs differ."""
