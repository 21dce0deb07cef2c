"""The shared nouns: labels, kinds, samples, histograms, events, units. Standard library only."""
