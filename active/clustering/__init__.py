"""Parts of the clustering: reduction of embeddings, samples, identity between runs, near-duplicates."""
