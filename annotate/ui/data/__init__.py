"""Draw the parts of the data screen: the documents, one of them, the state of the indexes."""
