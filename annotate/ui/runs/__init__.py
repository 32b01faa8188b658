"""Draw the parts of the training screen: the form of a new run, one run alive, comparisons, models."""
