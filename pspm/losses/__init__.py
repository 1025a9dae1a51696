"""Training losses, and the unknown region and trimap of training."""
