"""Lock a file, so that other processes know that a run goes on."""


def lock(file: int, *, exclusive: bool) -> bool:
    """Lock a file until it is closed, alone if that is possible at once, or else shared; False where locks are missing.

    A shared lock waits for the short time that another process needs it alone.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusive else fcntl.LOCK_SH)
    except OSError:
        return False
    return True
