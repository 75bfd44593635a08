"""Market mechanisms in exact integers, as their protocols compute them: what the fast kernels are held to."""
