"""Farmer, Patelli and Zovko (2005): the spread of a book of zero-intelligence orders."""
