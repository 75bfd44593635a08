"""Cont, Stoikov and Talreja (2010): the race of the queues at the best bid and the best ask."""
