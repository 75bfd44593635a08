"""Published results beside the simulator's own: what a folder of `papers/` holds, how it is run, what is written."""
