"""The webcam, with files, test pictures of FFmpeg and broken cameras as cameras, and screens that remember."""

import errno
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import model as model_module
from pspm_runtime.command.cli import main
from pspm_runtime.errors import PspmError, VideoError
from pspm_runtime.model import Model

from tests.runtime.fake_engine import failing
from tests.runtime.video.clips import GREEN, GreenEngine, av, green_model, picture, write_clip

from pspm_runtime.webcam import camera as camera_module  # isort: skip
from pspm_runtime.webcam import screen as screen_module  # isort: skip
from pspm_runtime.webcam.camera import Camera  # isort: skip
from pspm_runtime.webcam.effect import LiveEffect  # isort: skip
from pspm_runtime.webcam.latest import Latest  # isort: skip
from pspm_runtime.webcam.live import show_live  # isort: skip


class FakeCamera:
    """Gives so many frames, each after a pause; then it ends, raises an error, or hangs."""

    name = "camera 0"

    def __init__(self, count: int, pause: float = 0.0, end: Any = None) -> None:
        self.count, self.pause, self.end = count, pause, end

    def frames(self) -> Iterator[Any]:
        for number in range(self.count):
            time.sleep(self.pause)
            yield av.VideoFrame.from_ndarray(picture(number), format="rgb24")
        if isinstance(self.end, threading.Event):
            self.end.wait()
        elif self.end is not None:
            raise self.end


class FakeScreen:
    """Remembers pictures. most: how many it shows before the user closes it."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.pictures: list[Image.Image] = []
        self.closed = False

    def show(self, picture: Image.Image) -> None:
        self.pictures.append(picture)

    def is_open(self) -> bool:
        return len(self.pictures) < self.most

    def close(self) -> None:
        self.closed = True


def test_the_background_is_replaced() -> None:
    screens = [FakeScreen(), FakeScreen()]

    seen = show_live(FakeCamera(5, 0.05), green_model(), LiveEffect("#204060"), screens)

    assert seen.frames == len(screens[0].pictures) == len(screens[1].pictures) > 0
    assert seen.frames + seen.dropped == 5
    pixels = np.asarray(screens[0].pictures[-1]).astype(int)
    assert np.abs(pixels[8, 8] - GREEN).max() <= 8
    assert np.abs(pixels[-8, -8] - (32, 64, 96)).max() <= 8


class SlowEngine(GreenEngine):
    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        time.sleep(0.1)
        return super().alpha(view, trimap)


def test_a_slow_network_sees_the_newest_frames_and_drops_the_others() -> None:
    engine = SlowEngine()
    screen = FakeScreen()

    seen = show_live(FakeCamera(60, 0.01), Model(engine, quality="fast"), LiveEffect("black"), [screen])

    assert seen.frames < 30 < seen.dropped
    assert seen.frames + seen.dropped == 60
    # The last frame is shown, not one that waited.
    right = np.asarray(screen.pictures[-1])[8, :, 1] > 100
    assert right.sum() >= 48 + 48 - 4


@pytest.mark.parametrize("error", [VideoError("camera 0 has gone; connect it again"), ZeroDivisionError("a fault")])
def test_a_camera_that_goes_away_midway(error: BaseException) -> None:
    screen = FakeScreen()
    before = threading.active_count()

    with pytest.raises(type(error), match=str(error)):
        show_live(FakeCamera(3, 0.1, error), green_model(), LiveEffect("black"), [screen])

    assert screen.pictures
    assert threading.active_count() == before


def test_a_camera_that_hangs() -> None:
    hanging = threading.Event()

    with pytest.raises(VideoError, match="camera 0 gives no frames; connect it again"):
        show_live(FakeCamera(1, 0, hanging), green_model(), LiveEffect("black"), [FakeScreen()], patience=0.5)
    hanging.set()


def test_closing_a_window_and_the_end_of_the_time() -> None:
    hanging = threading.Event()
    camera = FakeCamera(1000, 0.01)

    assert show_live(camera, green_model(), LiveEffect(), [FakeScreen(2), FakeScreen()]).frames == 2
    assert show_live(camera, green_model(), LiveEffect(), [FakeScreen()], duration=0.3).frames < 100
    hanging.set()


def test_a_fault_of_the_network_ends_it() -> None:
    engine = GreenEngine()
    engine.alpha = lambda view, trimap=None: failing(PspmError("the network broke"))(1, 1)  # type: ignore[method-assign]

    with pytest.raises(PspmError, match="the network broke"):
        show_live(FakeCamera(5, 0.05), Model(engine, quality="fast"), LiveEffect("black"), [FakeScreen()])


def test_latest() -> None:
    latest: Latest[int] = Latest()
    assert latest.take(0) is None
    latest.put(1)
    latest.put(2)
    latest.end()
    assert (latest.take(0), latest.dropped) == (2, 1)
    for _ in range(2):
        with pytest.raises(EOFError):
            latest.take(0)


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch) -> list[FakeScreen]:
    """The command gets windows that remember, and a network that sees green."""
    made: list[FakeScreen] = []

    def window(title: str) -> FakeScreen:
        made.append(FakeScreen(most=20))
        return made[-1]

    monkeypatch.setattr(screen_module, "Window", window)
    monkeypatch.setattr(model_module, "open_engine", lambda *_: GreenEngine())
    return made


def test_the_command_with_a_file(tmp_path: Path, screens: list[FakeScreen], capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "in.mp4")

    assert main(["webcam", "--camera", str(clip), "--with", "#204060"]) == 0

    (screen,) = screens
    assert screen.closed
    assert 1 <= len(screen.pictures) <= 10
    said = capsys.readouterr()
    assert said.out.startswith(f"{clip}: {len(screen.pictures)} frames shown, ")
    assert said.err == ""


def test_the_command_with_a_device_of_ffmpeg(
    screens: list[FakeScreen], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    open_file = av.open

    def open_test_picture(name: str, *, options: Any, **given: Any) -> Any:
        assert given["format"] in ("v4l2", "avfoundation", "dshow")
        assert options["framerate"] == "30"
        width, height = options["video_size"].split("x")
        return open_file(f"testsrc=size={width}x{height}:rate=30,realtime", format="lavfi")

    monkeypatch.setattr(camera_module.av, "open", open_test_picture)

    assert main(["webcam", "--blur", "0.3", "--size", "320x240", "--duration", "0.5"]) == 0
    assert {picture.size for picture in screens[0].pictures} == {(320, 240)}
    assert capsys.readouterr().out.startswith("camera 0: ")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOENT, "is not there; connect a camera, or choose another one with --camera"),
        (errno.EBUSY, "is in use; close the program that uses it"),
        (errno.EACCES, "may not be used; allow it in the system's settings; on Linux, join the group video"),
        (errno.EINVAL, r"cannot be opened \(.*\); choose another one with --camera"),
    ],
)
def test_cameras_that_cannot_be_opened(
    number: int,
    sentence: str,
    screens: list[FakeScreen],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        av.error.err_check(-number)

    monkeypatch.setattr(camera_module.av, "open", fail)
    with pytest.raises(VideoError, match=rf"^camera 0 \(/dev/video0\) {sentence}$"):
        Camera("0", (640, 480))

    assert main(["webcam"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert screens == []


@pytest.mark.skipif(sys.platform != "linux" or Path("/dev/video97").exists(), reason="asks Linux for a device")
def test_a_camera_that_is_not_there(screens: list[FakeScreen], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webcam", "--camera", "97"]) == 1
    assert capsys.readouterr().err == (
        "pspm: camera 97 (/dev/video97) is not there; connect a camera, or choose another one with --camera\n"
    )


def test_a_camera_whose_packets_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Container:
        streams = SimpleNamespace(video=[SimpleNamespace()])
        error: BaseException | None = None

        def demux(self, stream: object) -> Iterator[Any]:
            yield SimpleNamespace(decode=lambda: ["a frame"])
            if self.error:
                raise self.error

        def __enter__(self) -> "Container":
            return self

        def __exit__(self, *_: object) -> None:
            return

    monkeypatch.setattr(camera_module.av, "open", lambda *_, **__: Container())
    frames = Camera("0", (640, 480)).frames()
    assert next(frames) == "a frame"
    with pytest.raises(VideoError, match="camera 0 has gone; connect it again, and check the cable"):
        next(frames)
    Container.error = av.error.OSError(errno.ENODEV, "No such device")
    frames = Camera("0", (640, 480)).frames()
    next(frames)
    with pytest.raises(VideoError, match=r"camera 0 has gone \(No such device\); connect it again"):
        next(frames)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--no-window"], "--no-window shows nothing at all; add --virtual-camera"),
        (["--with", "gone.png"], "gone.png"),
        (["--with", "#12"], "is not a colour"),
        (["--blur", "7"], "a blur strength of 7"),
        (["--duration", "0"], "--duration must be a number of seconds"),
    ],
)
def test_mistakes_get_one_sentence(
    options: list[str], sentence: str, screens: list[FakeScreen], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["webcam", *options]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert screens == []


def test_no_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tkinter")
    if sys.platform != "linux":
        pytest.skip("only X11 has displays to be without")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(model_module, "open_engine", lambda *_: GreenEngine())

    assert main(["webcam", "--camera", str(write_clip(tmp_path / "in.mp4"))]) == 1
    assert "no window can be opened, since there is no display" in capsys.readouterr().err


def test_no_tkinter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(PspmError, match=r"needs tkinter, .* apt install python3-tk"):
        screen_module.Window("PSPM")


class FakeTk:
    """Enough of tkinter for a window, which an Escape closes."""

    class TclError(Exception):
        pass

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.images: list[Any] = []
        self.updates = 0

    def Tk(self, className: str) -> "FakeTk":  # noqa: N802, N803 - tkinter's names
        return self

    def Label(self, root: object, **_: object) -> "FakeTk":  # noqa: N802
        return self

    def pack(self) -> None:
        return

    def configure(self, image: Any) -> None:
        self.images.append(image)

    def protocol(self, name: str, function: Any) -> None:
        self.keys[name] = function

    bind = protocol

    def update(self) -> None:
        self.updates += 1
        if self.updates > 2:
            self.keys["<Escape>"](None)

    def destroy(self) -> None:
        raise FakeTk.TclError


def test_a_window_on_a_fake_display(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageTk

    class Shown:
        def __init__(self, picture: Image.Image, master: object) -> None:
            self.pictures = [picture]

        def width(self) -> int:
            return self.pictures[0].width

        def height(self) -> int:
            return self.pictures[0].height

        def paste(self, picture: Image.Image) -> None:
            self.pictures.append(picture)

    tk = FakeTk()
    monkeypatch.setitem(sys.modules, "tkinter", tk)  # type: ignore[arg-type]
    monkeypatch.setattr(ImageTk, "PhotoImage", Shown)
    window = screen_module.Window("PSPM")

    shown = 0
    while window.is_open():
        window.show(Image.new("RGB", (8, 8 + shown // 2)))
        shown += 1
    window.close()

    assert shown == 2
    assert [len(image.pictures) for image in tk.images] == [2]


def test_a_virtual_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(PspmError, match="--virtual-camera needs pyvirtualcam; install it with: pip install"):
        screen_module.VirtualCamera()
    sent: list[Any] = []

    class Device:
        def __init__(self, width: int, height: int, fps: float) -> None:
            self.size = width, height

        def send(self, pixels: np.ndarray) -> None:
            sent.append((self.size, pixels.shape))

        def close(self) -> None:
            sent.append("closed")

    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=Device))  # type: ignore[arg-type]
    screen = screen_module.VirtualCamera()
    show_live(FakeCamera(2, 0.1), green_model(), LiveEffect("black"), [screen])
    screen.close()
    assert sent[0] == ((96, 64), (64, 96, 3))
    assert sent[-1] == "closed"

    def missing(*_: object) -> None:
        raise RuntimeError("'/dev/video*'\ndoes not exist")

    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=missing))  # type: ignore[arg-type]
    with pytest.raises(PspmError, match=r"there is no virtual camera \('/dev/video\*' does not exist\); on Linux inst"):
        screen_module.VirtualCamera().show(Image.new("RGB", (8, 8)))
