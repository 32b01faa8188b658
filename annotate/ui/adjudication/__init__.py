"""Draw the parts of the adjudication screen: the queue, one review, its votes, the decision."""
