"""The commands for photos as an HTTP service, `pspm serve`. Needs the extra `serve`."""
