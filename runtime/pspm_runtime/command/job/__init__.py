"""The command `pspm batch`: a job over very many photos, on one machine or many, on disks or object stores."""
