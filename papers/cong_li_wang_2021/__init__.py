"""Cong, Li and Wang (2021): what a platform's token is worth, and how many use it."""
