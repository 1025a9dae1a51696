"""The ledger of a run: which photos are done, in a file that several runs may write."""
