"""Draw the parts of the gaps screen: the map, the ranked gaps, one cluster, the requests for documents."""
