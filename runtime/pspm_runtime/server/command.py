"""The command `pspm serve`. What it needs is imported when it runs."""

import argparse
from typing import Any

from pspm_runtime.command.photo_options import add_device
from pspm_runtime.extras import needs_extra

DESCRIPTION = """Answer HTTP requests: POST a photo to /alpha, /cutout, /background or /blur, get the result.

Nothing is fetched and nothing is written to disk. A page to try it is at /, the interface at /openapi.json,
metrics for Prometheus at /metrics. At most WORKERS photos are in work and QUEUE wait;
more are refused at once (503)."""
EXAMPLES = """examples:
  pspm serve
  curl -F photo=@photo.jpg http://127.0.0.1:7000/cutout -o cutout.png
  curl -F photo=@photo.jpg -F with=#20a0ff http://127.0.0.1:7000/background -o out.jpg
  PSPM_TOKEN=... pspm serve --host 0.0.0.0 --workers 2
"""


def add_serve(subcommands: Any) -> None:
    """Add the command for the service."""
    from pspm_runtime.server.settings import TOKEN_VARIABLE, Settings

    usual = Settings()
    parser: argparse.ArgumentParser = subcommands.add_parser(
        "serve",
        help="answer HTTP requests with mattes, cut-outs and backgrounds [serve]",
        description=DESCRIPTION,
        epilog=f"{EXAMPLES}\nWith {TOKEN_VARIABLE} in the environment, callers send it as 'Authorization: Bearer ...'\n"
        "or 'X-Api-Key: ...'.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default=usual.host, help=f"address to listen on; 0.0.0.0 for all (default {usual.host}: this machine)"
    )
    parser.add_argument("--port", type=int, default=usual.port, help=f"0 takes a free one (default {usual.port})")
    parser.add_argument(
        "--model", default=usual.model, help=f"a shipped model or the folder of a bundle (default {usual.model})"
    )
    parser.add_argument("--threads", type=int, help="threads for the network (default: one per core)")
    add_device(parser)
    parser.add_argument(
        "--workers",
        type=int,
        default=usual.workers,
        help=f"photos in work at once; each takes memory for its photo (default {usual.workers})",
    )
    parser.add_argument("--queue", type=int, default=usual.queue, help=f"photos that may wait (default {usual.queue})")
    parser.add_argument(
        "--max-megabytes", type=float, default=usual.max_megabytes, help=f"of a request (default {usual.max_megabytes})"
    )
    parser.add_argument(
        "--max-megapixels",
        type=float,
        default=usual.max_megapixels,
        help=f"of a photo (default {usual.max_megapixels})",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=usual.seconds,
        help=f"for sending a photo, and again for waiting and work (default {usual.seconds})",
    )
    parser.add_argument(
        "--allow-origin",
        dest="origins",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let web pages of this origin call the service, such as https://example.org; may be repeated, * is all "
        "(default: none)",
    )
    parser.set_defaults(run=_serve, answers_signals=True)


def _serve(args: argparse.Namespace) -> int:
    from pspm_runtime.server.settings import Settings, token_of_environment

    with needs_extra("serve"):
        import prometheus_client  # noqa: F401
        import python_multipart  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401

    from pspm_runtime.server.run import serve

    settings = Settings(
        args.host,
        args.port,
        args.model,
        args.threads,
        args.workers,
        args.queue,
        args.max_megabytes,
        args.max_megapixels,
        args.seconds,
        tuple(args.origins),
        token_of_environment(),
        args.device,
    )
    return serve(settings)
