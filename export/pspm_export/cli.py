"""The subcommands that exporting adds to `pspm`; torch and the converters are only imported when one runs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.bundle import MANIFEST, open_bundle, shipped
from pspm_runtime.errors import ModelError
from pspm_runtime.extras import needs_extra

from pspm_export.plan.formats import FORMATS, PRECISIONS, format_of

if TYPE_CHECKING:
    from pspm.networks import MattingNetwork
    from pspm_export.plan.export_spec import Target
    from pspm_export.verification.parity import Proof


def add_export(subcommands: Any) -> None:
    """Add `pspm export`: a trained network to files for apps."""
    parser = subcommands.add_parser("export", help="turn a trained network into files that apps run, and verify them")
    _add_source(parser)
    parser.add_argument("--format", choices=[*FORMATS, "all"], default="onnx", help="default onnx; all: a folder each")
    parser.add_argument("--precision", choices=PRECISIONS, default="fp32", help="default fp32; see docs/export.md")
    parser.add_argument(
        "--size", type=_size, help="a file for this size alone: 512 for a square, 256x192 for that width and height"
    )
    parser.add_argument(
        "--dynamic",
        action="store_true",
        help="take any height and width, where the format allows; what happens if no --size is given",
    )
    _add_data(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the bundle")
    parser.set_defaults(run=_export)


def add_verify(subcommands: Any) -> None:
    """Add `pspm verify`: a saved file against torch."""
    parser = subcommands.add_parser("verify", help="compare a saved model with the network in torch")
    _add_file(parser)
    _add_source(parser)
    _add_data(parser)
    parser.set_defaults(run=_verify)


def add_bundle(subcommands: Any) -> None:
    """Add `pspm bundle`: the manifest of a file that was converted elsewhere."""
    parser = subcommands.add_parser("bundle", help="verify a model file and write the manifest that apps read")
    _add_file(parser)
    _add_source(parser)
    _add_data(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the bundle")
    parser.set_defaults(run=_bundle)


def add_formats(subcommands: Any) -> None:
    """Add `pspm formats`: the table of what every format costs and loses."""
    parser = subcommands.add_parser("formats", help="export to every format and precision, and write a table of them")
    parser.add_argument("checkpoint", type=Path, nargs="?", help="checkpoint.ckpt of a run of `pspm train`")
    parser.add_argument("--model", action="append", help="a shipped network; may be repeated (default: all of them)")
    parser.add_argument(
        "--format", action="append", choices=list(FORMATS), help="may be repeated (default: all of them)"
    )
    parser.add_argument("--limit", type=int, help="only so many validation pictures of each set")
    _add_data(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="a Markdown file")
    parser.set_defaults(run=_formats)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, nargs="?", help="checkpoint.ckpt of a run of `pspm train`")
    parser.add_argument("--model", help="a shipped network; with a checkpoint, the network's name if not its own")


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="model.onnx, model.tflite or model.mlpackage")
    parser.add_argument("--precision", choices=PRECISIONS, help="default: what the manifest says, or else fp32")
    parser.add_argument("--size", type=_size, help="the size of a file that takes one alone: 512, or 256x192")


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, help="folder with portraits/ and cutouts/: calibrates, and measures the loss in SAD"
    )


def _size(text: str) -> tuple[int, int]:
    """(height, width) of "SIDE" or "WIDTHxHEIGHT"."""
    sides = text.split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no size; give 512 for a square, or a width and height as 256x192"
        )
    return int(sides[-1]), int(sides[0])


def _export(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.bundle import write_bundle
        from pspm_export.plan.export_spec import Target, default_size
        from pspm_export.plan.source_network import find_trained

    network, name = find_trained(args.checkpoint, args.model)
    rows = [FORMATS[args.format]] if args.format in FORMATS else list(FORMATS.values())
    targets = [
        Target(
            row,
            args.precision,
            args.size or default_size(row, network),
            args.dynamic or (args.size is None and row.flexible),
        )
        for row in rows
    ]
    for target in targets:
        target.check(int(network.MULTIPLE))
    for target in targets:
        folder = args.out if len(targets) == 1 else args.out / target.format.name
        written = write_bundle(network, name, folder, target, args.data)
        print(f"{target.format.name}, {target.precision}: converted in {written.seconds:.0f} s of CPU time")
        _print(written.proof)
        print(f"wrote {folder / target.format.file} and {folder / 'manifest.json'}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.verification.parity import prove

    network, _, target = _saved(args)
    _print(prove(network, args.file, target, args.data))
    return 0


def _bundle(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.bundle import bundle_file

    network, name, target = _saved(args)
    _print(bundle_file(args.file, network, name, args.out, target, args.data).proof)
    print(f"wrote {args.out / target.format.file} and {args.out / 'manifest.json'}")
    return 0


def _formats(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.plan.source_network import find_trained
        from pspm_export.reports.format_table import write_table

    if args.checkpoint and args.model:
        raise ModelError("a checkpoint and --model have a table each; run the command once for either")
    names = [None] if args.checkpoint else args.model or shipped()
    networks = [find_trained(args.checkpoint, name) for name in names]
    rows = [FORMATS[name] for name in args.format or FORMATS]
    write_table(networks, rows, args.data, args.limit, args.out)
    print(f"wrote {args.out}")
    return 0


def _saved(args: argparse.Namespace) -> "tuple[MattingNetwork, str, Target]":
    """A file's network, its name, and what the file is to be: as its manifest says, without one as the options do."""
    from pspm_export.plan.export_spec import Target, default_size, target_of
    from pspm_export.plan.source_network import find_trained

    row = format_of(args.file)
    if not args.file.exists():
        raise ModelError(f"{args.file} is not there; name a file that pspm export wrote")
    described = None
    if (args.file.parent / MANIFEST).is_file() and args.precision is None and args.size is None:
        bundle = open_bundle(args.file.parent)
        described = bundle if bundle.model.name == args.file.name else None
    own = described.network if described and not args.checkpoint else None
    network, name = find_trained(args.checkpoint, args.model or own)
    if described:
        return network, name, target_of(described)
    size = args.size or default_size(row, network)
    return network, name, Target(row, args.precision or "fp32", size, args.size is None and row.flexible)


def _print(proof: "Proof") -> None:
    if proof.weights:
        print(f"the weights of {proof.weights.known} of {proof.weights.of} convolutions are the network's")
    for (height, width), found in proof.parities.items():
        print(
            f"{width}x{height}: mean error {found.mean_error:.1e}, "
            f"{found.far_share:.2%} of the pixels beyond 0.01, IoU of the masks {found.iou:.4f}"
        )
    for name, drift in (proof.drifts or {}).items():
        print(f"SAD on {drift.pictures} {name}: torch {drift.torch:.3f}, file {drift.file:.3f} ({drift.share:+.1%})")
