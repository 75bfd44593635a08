"""Phillips, Shi and Yu (2015): critical values, size and power of tests for several bubbles."""
