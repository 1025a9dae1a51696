"""A session for rembg: `rembg.remove(photo, session=pspm.rembg.session())`."""

from pspm_runtime.hosts.rembg import session

__all__ = ["session"]
