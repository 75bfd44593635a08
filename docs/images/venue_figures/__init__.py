"""The figures of docs/venues.md: what every venue does, worked out by the venue itself."""
