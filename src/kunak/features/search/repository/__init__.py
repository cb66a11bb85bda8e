"""Every query of search: of the index, of the lexicon, and of those who look for something."""
