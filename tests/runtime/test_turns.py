"""At most as many threads as cores work on photos at once, so that many threads take no more memory than a few."""

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from pspm_runtime import Model, PhotoError
from pspm_runtime import model as model_module
from pspm_runtime.turns import Turns, others_may_work

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

PHOTO = encoded(Image.fromarray(gradient(40, 30)))


@pytest.fixture
def one_turn(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setattr(model_module, "cores", lambda: 1)
    return Model("mobile")


def test_no_more_threads_than_turns() -> None:
    turns, lock, inside, most = Turns(3), threading.Lock(), 0, 0
    full = threading.Event()

    def work(_: int) -> None:
        nonlocal inside, most
        with turns.turn(), turns.turn():  # the second one is the same
            with lock:
                inside += 1
                most = max(most, inside)
                if inside == 3:
                    full.set()
            assert full.wait(60)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(24)))
    assert most == 3


def test_effects_of_a_model_take_turns(one_turn: Model, fake_engine: FakeEngine) -> None:
    lock, inside, most = threading.Lock(), 0, 0
    answer = fake_engine.answer

    def counted(width: int, height: int) -> object:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        result = answer(width, height)
        with lock:
            inside -= 1
        return result

    fake_engine.answer = counted  # type: ignore[assignment]
    effects = [one_turn.predict_alpha, one_turn.cut_out, one_turn.blur_background, one_turn.matte]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: effects[i % 4](PHOTO), range(32)))
    assert most == 1


def test_a_slow_file_object_keeps_no_turn(one_turn: Model) -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow:
        def read(self) -> bytes:
            started.set()
            assert go_on.wait(60)
            return b""

    def read_slowly() -> None:
        with pytest.raises(PhotoError, match="is empty"):
            one_turn.predict_alpha(Slow())  # type: ignore[arg-type]

    thread = threading.Thread(target=read_slowly)
    thread.start()
    assert started.wait(60)
    other = threading.Thread(target=one_turn.predict_alpha, args=(PHOTO,), daemon=True)
    other.start()
    other.join(60)
    finished = not other.is_alive()
    go_on.set()
    thread.join()
    assert finished
    assert one_turn.predict_alpha(PHOTO).shape == (30, 40)


def test_an_error_gives_the_turn_back(one_turn: Model) -> None:
    for _ in range(3):
        with pytest.raises(PhotoError):
            one_turn.predict_alpha(b"no photo")
    with pytest.raises(ZeroDivisionError), others_may_work():
        raise ZeroDivisionError
    assert one_turn.predict_alpha(PHOTO).shape == (30, 40)


def test_an_engine_of_the_caller_may_wait_for_several_threads() -> None:
    engine = FakeEngine()
    together, answer = threading.Barrier(12), engine.answer
    engine.answer = lambda width, height: (together.wait(60), answer(width, height))[1]
    model = Model(engine)
    with ThreadPoolExecutor(12) as pool:
        assert len(list(pool.map(model.predict_alpha, [PHOTO] * 12))) == 12


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
def test_a_forked_process_has_all_turns() -> None:
    program = """
        import os, threading
        from pspm_runtime.turns import Turns
        turns, taken, done = Turns(1), threading.Event(), threading.Event()

        def stay():
            with turns.turn():
                taken.set()
                done.wait()

        threading.Thread(target=stay).start()
        taken.wait()
        child = os.fork()
        if child == 0:
            with turns.turn():
                os._exit(7)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        done.set()
        print(code)
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)]
    assert subprocess.run(command, capture_output=True, check=True, timeout=120).stdout == b"7\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_64_threads_take_at_most_three_and_a_half_times_the_memory_of_one() -> None:
    """Measured with a shipped model on two cores; every result equals that of one thread."""
    program = """
        import os, sys, threading
        from concurrent.futures import ThreadPoolExecutor
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
        import pspm
        from pspm_runtime.files.sample import sample_photo

        count, photo = int(sys.argv[1]), sample_photo().read_bytes()
        model, together = pspm.load(threads=1), threading.Barrier(count)
        effects = [model.predict_alpha, model.cut_out]
        first = [effect(photo) for effect in effects]

        def work(index):
            together.wait()
            result = effects[index % 2](photo)
            return result.tobytes() == first[index % 2].tobytes()

        with ThreadPoolExecutor(count) as pool:
            assert all(pool.map(work, range(count)))
        print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
    """
    peaks = []
    for threads in (1, 64):
        command = [sys.executable, "-c", textwrap.dedent(program), str(threads)]
        peaks.append(int(subprocess.run(command, capture_output=True, check=True).stdout))
    assert peaks[1] <= 3.5 * peaks[0], f"{peaks[1] / peaks[0]:.2f}"
    print(f"64 threads: {peaks[1] / peaks[0]:.2f} x")
