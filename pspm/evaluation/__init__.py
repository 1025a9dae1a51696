"""Compare mattes with ground truth: errors, latency, groups of pictures, and reports."""
