"""PSPM in other programs themselves, from their registries: `make hosts-check`."""
