"""Draw the parts of the pairs screen: the search, the list, and one pair with its lineage."""
