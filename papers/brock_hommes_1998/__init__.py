"""Brock and Hommes (1998): how a price leaves its fundamental value as traders choose forecasts more readily."""
