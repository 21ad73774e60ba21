"""What the integration tests and the fuzzers share: a server, scripted SIP peers, the API, the metrics."""
