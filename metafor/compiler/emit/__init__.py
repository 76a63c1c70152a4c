"""Third phase: the analysed tree to a Python module whose every node has the template's own position."""
