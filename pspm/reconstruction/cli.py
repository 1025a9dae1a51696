"""`pspm reconstruct`; what it needs is only imported when it runs."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra

if TYPE_CHECKING:
    from pspm.reconstruction.experiment import Result

# One of each kind of Tables 3.2 and 4.1, in their order.
DEFAULT = (
    "average-nearest",
    "strided-bilinear",
    "space-to-depth",
    "strided-deconvolution",
    "carafe",
    "max-unpool",
    "sapa-b",
    "indexnet-modelwise",
    "indexnet-hin",
    "indexnet-m2o",
    "indexnet-hin-up-linear",
    "a2u-reconstruction",
    "a2u-dynamic-cs-d",
)


def add_reconstruct(subcommands: Any) -> None:
    """Add `pspm reconstruct`: how well operators bring back what pooling took away."""
    parser = subcommands.add_parser(
        "reconstruct",
        help="how well operators bring back what pooling took away",
        description="Train the thesis's toy encoder-decoder (Tables 3.2 and 4.1) with one operator after the other, on "
        "32 x 32 grey pictures, and tell how near its output comes to its input.",
    )
    parser.add_argument("operators", nargs="*", metavar="OPERATOR", help="names as in docs/operators.md; some of each")
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="a folder with portraits/, or with the idx files of MNIST or Fashion-MNIST",
    )
    parser.add_argument("--steps", type=int, default=150, help="of 100 pictures each (default 150)")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each operator (default 2)")
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="write pictures of the upsampled features")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_reconstruct)


def _reconstruct(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from tqdm import tqdm

        from pspm.operators import OPERATORS
        from pspm.reconstruction.experiment import reconstruct
        from pspm.reconstruction.patches import read_patches
        from pspm.reconstruction.sheet import feature_sheet
    from pspm_runtime.files.save import write

    names = list(dict.fromkeys(args.operators or DEFAULT))
    for name in names:
        if name not in OPERATORS:
            raise PspmError(f"there is no operator named {name!r}; the operators are {', '.join(OPERATORS)}")
    for option, value in (("--steps", args.steps), ("--seeds", args.seeds)):
        if value < 1:
            raise PspmError(f"{option} {value} trains nothing; give 1 or more")
    if args.sheet and args.sheet.suffix.lower() != ".png":
        raise OutputError(f"{args.sheet} would be a PNG; let its name end in .png")
    try:
        patches = read_patches(args.data)
    except (OSError, ValueError) as error:
        raise PspmError(str(error)) from None
    results = [
        reconstruct(name, patches.train, patches.test, steps=args.steps, seeds=args.seeds, shown=patches.shown)
        for name in tqdm(names, unit="operator", disable=None)
    ]
    if args.sheet:
        write(feature_sheet(patches.shown, results), args.sheet, force=True)
    if args.json:
        told = {"pictures": patches.what, "steps": args.steps, "results": [as_json(r) for r in results]}
        print(json.dumps(told, indent=2))
    else:
        print(as_text(results, f"{patches.what}; {args.steps} steps, {args.seeds} seeds"))
    return 0


def as_json(result: "Result") -> dict[str, Any]:
    """The errors of every seed."""
    return {
        "operator": result.operator,
        "parameters": result.parameters,
        "seeds": [errors._asdict() for errors in result.errors],
    }


def as_text(results: "list[Result]", what: str) -> str:
    """A Markdown table: means over the seeds, PSNR with its standard deviation."""
    lines = [what, "", "| operator | parameters | PSNR | SSIM | MAE | MSE |", "| --- | --- | --- | --- | --- | --- |"]
    for r in results:
        spread = r.spread("psnr")
        psnr = f"{r.mean('psnr'):.2f}" + (f" ± {spread:.2f}" if spread is not None else "")
        lines.append(
            f"| `{r.operator}` | {r.parameters:,} | {psnr} "
            f"| {r.mean('ssim'):.4f} | {r.mean('mae'):.4f} | {r.mean('mse'):.4f} |"
        )
    return "\n".join(lines)
