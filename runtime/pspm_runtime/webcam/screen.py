"""Screen: where pictures are shown: a window, or a virtual camera."""

from typing import Any, Protocol

import numpy as np
from PIL import Image

from pspm_runtime.errors import PspmError
from pspm_runtime.webcam.camera import RATE

_TKINTER = (
    "this needs tkinter, which is a part of Python; on Debian and Ubuntu install it with: apt install python3-tk, on "
    "macOS with: brew install python-tk"
)


class Screen(Protocol):
    """Shows pictures, in the thread that made it. Raises PspmError if it cannot."""

    def show(self, picture: Image.Image) -> None:
        """Show a picture, RGB of any size."""

    def is_open(self) -> bool:
        """Answer what the user does; whether to go on."""

    def close(self) -> None:
        """Close it."""


class Window:
    """A window. Escape, Q or its button close it. Raises PspmError where there is no tkinter or no display."""

    def __init__(self, title: str) -> None:
        try:
            import tkinter

            from PIL import ImageTk
        except ImportError:
            raise PspmError(_TKINTER) from None
        self._pictures: Any = ImageTk
        self._gone = tkinter.TclError
        self._open = True
        try:
            self._root = tkinter.Tk(className=title)
        except tkinter.TclError:
            raise PspmError(
                "no window can be opened, since there is no display; run it on a desktop, or with --virtual-camera and "
                "--no-window"
            ) from None
        self._root.protocol("WM_DELETE_WINDOW", self._leave)
        for key in ("<Escape>", "q", "Q"):
            self._root.bind(key, self._leave)
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._shown: Any = None

    def show(self, picture: Image.Image) -> None:
        """Show a picture; the window takes its size."""
        if self._shown is not None and (self._shown.width(), self._shown.height()) == picture.size:
            self._shown.paste(picture)
            return
        self._shown = self._pictures.PhotoImage(picture, master=self._root)
        self._label.configure(image=self._shown)

    def is_open(self) -> bool:
        """Answer the user; whether the window is still open."""
        try:
            self._root.update()
        except self._gone:
            return False
        return self._open

    def close(self) -> None:
        """Close the window."""
        try:
            self._root.destroy()
        except self._gone:  # it is closed already
            return

    def _leave(self, *_: object) -> None:
        self._open = False


class VirtualCamera:
    """A camera that other programs can choose. It needs pyvirtualcam, and a device that pyvirtualcam knows.

    Raises PspmError without pyvirtualcam, and at the first picture without a device.
    """

    def __init__(self) -> None:
        try:
            import pyvirtualcam
        except ImportError:
            raise PspmError("--virtual-camera needs pyvirtualcam; install it with: pip install pyvirtualcam") from None
        self._module: Any = pyvirtualcam
        self._camera: Any = None
        self._size: tuple[int, int] | None = None

    def show(self, picture: Image.Image) -> None:
        """Give a picture to the programs that look."""
        if picture.size != self._size:
            self.close()
            try:
                self._camera = self._module.Camera(*picture.size, RATE)
            except RuntimeError as error:
                raise PspmError(
                    f"there is no virtual camera ({' '.join(str(error).split())}); on Linux install v4l2loopback and "
                    "run: modprobe v4l2loopback, elsewhere install OBS"
                ) from None
            self._size = picture.size
        self._camera.send(np.asarray(picture))

    def is_open(self) -> bool:
        """Nobody can close it but the program."""
        return True

    def close(self) -> None:
        """Close the camera."""
        if self._camera is not None:
            self._camera.close()
        self._camera = None
