"""What documents look like where they come from. Importing these costs much memory: only who reads sources does."""
