"""Compare an exported file with the network in torch."""
