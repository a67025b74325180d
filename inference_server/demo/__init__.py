"""The demo: a simulated detector, a whole server, heads that train themselves at the first start."""
