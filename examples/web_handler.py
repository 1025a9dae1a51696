"""Answer HTTP requests: POST a photo, get a PNG of the person on transparency. For your own machine only.

python examples/web_handler.py 8000
curl --data-binary @photo.jpg http://127.0.0.1:8000/ -o cutout.png
"""

# --8<-- [start:handler]
import io
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Semaphore

import pspm

MODEL = pspm.load(max_megapixels=50)
AT_ONCE = Semaphore(2)  # bounds the memory
MAX_BYTES = 30_000_000


class Handler(BaseHTTPRequestHandler):
    """Cut the person out of the photo in the request's body."""

    def do_POST(self) -> None:
        """Answer 200 with a PNG, or 4xx with a sentence that says what is wrong with the request."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.answer(411, "text/plain", b"send the photo with a Content-Length")
            return
        if int(length) > MAX_BYTES:
            self.answer(413, "text/plain", b"send at most 30 MB")
            return
        try:
            with AT_ONCE:
                png = io.BytesIO()
                MODEL.cut_out(self.rfile.read(int(length))).save(png, "PNG")
        except pspm.PspmError as error:
            self.answer(400, "text/plain; charset=utf-8", str(error).encode())
            return
        self.answer(200, "image/png", png.getvalue())

    def answer(self, status: int, content_type: str, body: bytes) -> None:
        """Send one response."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# --8<-- [end:handler]


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit(__doc__)
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
