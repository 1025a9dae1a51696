"""Where a job's photos come from: a folder, a list, or a prefix of an object store."""
