"""Draw the parts of the quality screen: each takes the board and the reader's language."""
