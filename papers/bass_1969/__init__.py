"""Bass (1969): how many have adopted a new product, and when most do."""
