import os
import threading

import pytest
from pspm_runtime.engines.native_stderr import native_quiet


def test_standard_error_is_back_after_contexts_of_several_threads(capfd: pytest.CaptureFixture[str]) -> None:
    """The first context ends while the second one is still open."""
    entered, ended = threading.Event(), threading.Event()

    def first() -> None:
        with native_quiet():
            entered.set()
            assert ended.wait(60)

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(60)
    with native_quiet():
        ended.set()
        thread.join()
        os.write(2, b"dropped")
    os.write(2, b"kept")

    assert capfd.readouterr().err == "kept"
