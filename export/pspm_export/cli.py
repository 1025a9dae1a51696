"""The subcommands of `pspm` for export. Torch and the converters are imported only when one runs."""

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pspm_runtime.bundle import MANIFEST, open_bundle, shipped
from pspm_runtime.errors import ModelError
from pspm_runtime.extras import needs_extra

from pspm_export.plan.formats import FORMATS, PRECISIONS, format_of

if TYPE_CHECKING:
    from pspm.networks import MattingNetwork
    from pspm_export.plan.export_spec import ExportSpec
    from pspm_export.task_networks.source import Source
    from pspm_export.verification.proof import Proof


def add_export(subcommands: Any) -> None:
    """Add `pspm export`, which turns a trained network into files for apps."""
    parser = subcommands.add_parser(
        "export",
        help="export a trained network to files for apps, and verify them",
        description="Export a trained network to files for apps, and verify them. A checkpoint of pspm task gives a "
        "model file in fp32 and network.json (docs/tasks.md); options for mattes do not apply to it.",
    )
    _add_source(parser)
    parser.add_argument(
        "--format", choices=[*FORMATS, "all"], default="onnx", help="default onnx; all writes a folder for each format"
    )
    parser.add_argument("--precision", choices=PRECISIONS, default="fp32", help="default fp32; see docs/export.md")
    parser.add_argument(
        "--size", type=_size, help="512 for a square, or width x height as in 256x192; the only size without --dynamic"
    )
    parser.add_argument(
        "--dynamic",
        action="store_true",
        help="take any height and width, if the format allows it; the default without --size",
    )
    _add_data(parser)
    parser.add_argument(
        "--calibration-seed",
        type=int,
        metavar="N",
        help="draw the portraits that calibrate int8 at random; default: spread evenly over the folder",
    )
    parser.add_argument(
        "--layout",
        choices=("huggingface", "triton"),
        help="write a folder that transformers.js (huggingface) or the Triton server loads, in place of a bundle; "
        "with ONNX only",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the bundle")
    parser.set_defaults(run=_export)


def add_verify(subcommands: Any) -> None:
    """Add `pspm verify`, which compares a saved file with torch."""
    parser = subcommands.add_parser("verify", help="compare a model file with its network in torch")
    _add_file(parser)
    _add_source(parser)
    _add_data(parser)
    parser.set_defaults(run=_verify)


def add_bundle(subcommands: Any) -> None:
    """Add `pspm bundle`, which writes the manifest of a file that was converted elsewhere."""
    parser = subcommands.add_parser("bundle", help="verify a model file and write the manifest that apps read")
    _add_file(parser)
    _add_source(parser)
    _add_data(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the bundle")
    parser.set_defaults(run=_bundle)


def add_formats(subcommands: Any) -> None:
    """Add `pspm formats`, which measures all formats and writes a table."""
    parser = subcommands.add_parser(
        "formats", help="export to every format and precision, and write a table of size, parity and latency"
    )
    parser.add_argument("checkpoint", type=Path, nargs="?", help="checkpoint.ckpt of a run of pspm train")
    parser.add_argument("--model", action="append", help="a shipped network; may be repeated (default: all)")
    parser.add_argument("--format", action="append", choices=list(FORMATS), help="may be repeated (default: all)")
    parser.add_argument("--limit", type=int, help="use at most so many validation pictures of each set")
    _add_data(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="a Markdown file")
    parser.set_defaults(run=_formats)


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, nargs="?", help="checkpoint.ckpt of a run of pspm train")
    parser.add_argument("--model", help="a shipped network; with a checkpoint, overrides the network's name in it")


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="model.onnx, model.tflite or model.mlpackage")
    parser.add_argument("--precision", choices=PRECISIONS, help="default: the precision in the manifest, or fp32")
    parser.add_argument("--size", type=_size, help="the size of a file that takes only one: 512, or 256x192")


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with portraits/ and cutouts/, to calibrate int8 and to measure the SAD regression",
    )


def _size(text: str) -> tuple[int, int]:
    """(height, width) of "SIDE" or "WIDTHxHEIGHT"."""
    sides = text.split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a size; give 512 for a square, or a width and height as in 256x192"
        )
    return int(sides[-1]), int(sides[0])


def _export(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.bundle import write_bundle
        from pspm_export.layouts.layouts import check_free
        from pspm_export.plan.export_spec import spec_for
        from pspm_export.plan.source_network import find_trained
        from pspm_export.task_networks.source import trained_for_task

    if args.checkpoint and (source := trained_for_task(args.checkpoint)):
        return _export_for_task(args, source)
    if args.layout and args.format != "onnx":
        raise ModelError(f"--layout {args.layout} takes ONNX; leave out --format")
    if args.layout:
        check_free(args.out)
    network, name = find_trained(args.checkpoint, args.model)
    rows = [FORMATS[args.format]] if args.format in FORMATS else list(FORMATS.values())
    specs = [spec_for(network, row, args.precision, args.size, dynamic=args.dynamic) for row in rows]
    seed: int | None = args.calibration_seed
    if seed is not None and not (args.data and any(spec.calibrated for spec in specs)):
        raise ModelError("--calibration-seed draws calibration pictures; add --data and --precision int8")
    if args.layout:
        return _export_to_layout(args, network, name, specs[0])
    for spec in specs:
        folder = args.out if len(specs) == 1 else args.out / spec.format.name
        written = write_bundle(network, name, folder, spec, args.data, calibration_seed=seed)
        print(f"{spec.format.name}, {spec.precision}: converted in {written.seconds:.0f} s of CPU time")
        _print(written.proof)
        print(f"wrote {folder / spec.format.file} and {folder / MANIFEST}")
    return 0


def _export_for_task(args: argparse.Namespace, source: "Source") -> int:
    """Export a network of another task. Options for mattes raise ModelError."""
    from pspm_export.task_networks.export import DESCRIPTION, Wanted, export_task_network

    asked = {
        "--model": args.model,
        "--data": args.data,
        "--layout": args.layout,
        "--calibration-seed": args.calibration_seed is not None,
        f"--precision {args.precision}": args.precision != "fp32",
        "--dynamic with --size": args.dynamic and args.size,
    }
    for option in (option for option, given in asked.items() if given):
        raise ModelError(f"{source.name} is a network of another task, written in fp32 alone; leave out {option}")
    formats = [args.format] if args.format in FORMATS else list(FORMATS)
    for name in formats:
        folder = args.out if len(formats) == 1 else args.out / name
        wanted = Wanted(source.name, source.operator, source.entry, name, args.size)
        for (height, width), found in export_task_network(source.network, wanted, folder).items():
            print(f"{name}, {width}x{height}: mean error {found.mean_error:.1e} of the output's range")
        print(f"wrote {folder / FORMATS[name].file} and {folder / DESCRIPTION}")
    return 0


def _export_to_layout(args: argparse.Namespace, network: "MattingNetwork", name: str, spec: "ExportSpec") -> int:
    from pspm_export.bundle import write_bundle
    from pspm_export.layouts.layouts import lay_out

    spec = replace(spec, for_browsers=args.layout == "huggingface")
    with TemporaryDirectory() as folder:
        bundle = Path(folder, "bundle")
        _print(write_bundle(network, name, bundle, spec, args.data, calibration_seed=args.calibration_seed).proof)
        lay_out(bundle, args.layout, args.out)
    print(f"wrote {args.out}, to be loaded by {'transformers.js' if args.layout == 'huggingface' else 'Triton'}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.verification.proof import prove

    network, _, spec = _saved(args)
    _print(prove(network, args.file, spec, args.data))
    return 0


def _bundle(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.bundle import bundle_file

    network, name, spec = _saved(args)
    _print(bundle_file(args.file, network, name, args.out, spec, args.data).proof)
    print(f"wrote {args.out / spec.format.file} and {args.out / MANIFEST}")
    return 0


def _formats(args: argparse.Namespace) -> int:
    with needs_extra("export"):
        from pspm_export.plan.source_network import find_trained
        from pspm_export.reports.format_table import write_table

    if args.checkpoint and args.model:
        raise ModelError("a checkpoint and --model cannot share a table; run the command once for each")
    names = [None] if args.checkpoint else args.model or shipped()
    networks = [find_trained(args.checkpoint, name) for name in names]
    rows = [FORMATS[name] for name in args.format or FORMATS]
    write_table(networks, rows, args.data, args.limit, args.out)
    print(f"wrote {args.out}")
    return 0


def _saved(args: argparse.Namespace) -> "tuple[MattingNetwork, str, ExportSpec]":
    """The network of a file, its name, and the file's spec: from its manifest, or without one from the options."""
    from pspm_export.plan.export_spec import spec_for, spec_of_bundle
    from pspm_export.plan.source_network import find_trained

    row = format_of(args.file)
    if not args.file.exists():
        raise ModelError(f"{args.file} does not exist; name a file that pspm export wrote")
    described = None
    if (args.file.parent / MANIFEST).is_file() and args.precision is None and args.size is None:
        bundle = open_bundle(args.file.parent)
        described = bundle if bundle.model.name == args.file.name else None
    own = described.network if described and not args.checkpoint else None
    network, name = find_trained(args.checkpoint, args.model or own)
    if described:
        return network, name, spec_of_bundle(described, network)
    return network, name, spec_for(network, row, args.precision or "fp32", args.size)


def _print(proof: "Proof") -> None:
    if proof.weights:
        print(f"{proof.weights.equal} of {proof.weights.total} convolutions have the network's weights")
    for (height, width), parity in proof.parities.items():
        print(
            f"{width}x{height}: mean error {parity.mean_error:.1e}, "
            f"{parity.far_share:.2%} of the pixels beyond 0.01, IoU of the masks {parity.iou:.4f}"
        )
    for name, found in (proof.regressions or {}).items():
        print(f"SAD on {found.pictures} {name}: torch {found.torch:.3f}, file {found.file:.3f} ({found.share:+.1%})")
