"""The kinds of clips; see `pspm.evaluation.video.clips`."""

KINDS = ("webcam", "moving", "small")
