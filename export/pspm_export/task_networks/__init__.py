"""Files of the networks of other tasks: model files, and a description of their inputs and outputs."""
