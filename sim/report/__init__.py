"""Reports: the HTML page with its figures, and the summary printed in a terminal."""
