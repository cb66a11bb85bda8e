"""Every query of the quality lab: of golden questions, and of runs."""
