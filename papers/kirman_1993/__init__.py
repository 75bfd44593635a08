"""Kirman (1993): ants, rationality and recruitment."""
