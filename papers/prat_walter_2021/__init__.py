"""Prat and Walter (2021): what a machine earns when anybody can buy another and nobody can take a purchase back."""
