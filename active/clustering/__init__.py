"""Parts of the clustering: the reduction of embeddings, identity between runs, near-duplicates."""
