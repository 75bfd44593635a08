"""Published results that the simulator reproduces, one folder each; `catallaxy.sim.replications` runs them."""
