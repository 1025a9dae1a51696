"""The subcommand that exporting adds to `pspm`."""

import argparse
from pathlib import Path
from typing import Any

from pspm_runtime.errors import ModelError
from pspm_runtime.extras import needs_extra


def add_export(subcommands: Any) -> None:
    """Add `pspm export`; torch and onnx are only imported when it runs."""
    parser = subcommands.add_parser("export", help="turn a checkpoint into a bundle that the runtime loads")
    parser.add_argument("checkpoint", type=Path, help="checkpoint.ckpt of a run of `pspm train`")
    parser.add_argument("--model", help="the network's name, if not the checkpoint's own")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the bundle")
    parser.set_defaults(run=_export)


def _export(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm.checkpoint import load_network, trained_network
        from pspm_export.bundle import write_bundle

    try:
        name = args.model or trained_network(args.checkpoint)
        network = load_network(name, args.checkpoint)
    except (ValueError, OSError) as error:
        raise ModelError(str(error)) from None
    write_bundle(network, name, args.out, network.MULTIPLE)
    print(f"wrote {args.out / 'model.onnx'} and {args.out / 'manifest.json'}")
    return 0
