"""What happens beside the training steps: checkpoints, the run log, preview images."""
