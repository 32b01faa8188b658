"""Do the long work of the loop: ingest, answer, select, label, cluster, train, evaluate."""
