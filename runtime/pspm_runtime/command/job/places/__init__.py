"""Where a job's results and ledgers go: a folder of a disk, or a prefix of an object store."""
