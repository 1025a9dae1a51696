"""`pspm reconstruct`. It imports torch only when it runs."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.tables import markdown_table

from pspm.command_errors import command_errors

if TYPE_CHECKING:
    from pspm.reconstruction.experiment import Result

# One operator of each kind in Tables 3.2 and 4.1, in their order.
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
    """Add `pspm reconstruct`: compare how well operators reconstruct pooled pictures."""
    parser = subcommands.add_parser(
        "reconstruct",
        help="compare how well operators reconstruct pooled pictures",
        description="Train the thesis's toy autoencoder (Tables 3.2 and 4.1) on 32 x 32 grey pictures, once for each "
        "operator, and print the reconstruction errors.",
    )
    parser.add_argument(
        "operators", nargs="*", metavar="OPERATOR", help="names as in docs/operators.md (default: one of each kind)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with portraits/, or with the idx files of MNIST or Fashion-MNIST",
    )
    parser.add_argument("--steps", type=int, default=150, help="training steps of 100 pictures each (default 150)")
    parser.add_argument("--seeds", type=int, default=2, help="training runs of each operator (default 2)")
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="write an image of the upsampled features")
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
            raise PspmError(f"{option} must be at least 1, not {value}")
    if args.sheet and args.sheet.suffix.lower() != ".png":
        raise OutputError(f"{args.sheet}: the sheet must be a .png file")
    with command_errors():
        patches = read_patches(args.data)
    results = [
        reconstruct(name, patches.train, patches.test, steps=args.steps, seeds=args.seeds, shown=patches.shown)
        for name in tqdm(names, unit="operator", disable=None)
    ]
    if args.json:
        facts = {"pictures": patches.what, "steps": args.steps, "results": [as_json(r) for r in results]}
        print(json.dumps(facts, indent=2))
    else:
        print(as_text(results, f"{patches.what}; {args.steps} steps, {args.seeds} seeds"))
    if args.sheet:
        write(feature_sheet(patches.shown, results), args.sheet, force=True)
    return 0


def as_json(result: "Result") -> dict[str, Any]:
    """A result with the errors of every seed."""
    return {
        "operator": result.operator,
        "parameters": result.parameters,
        "seeds": [errors._asdict() for errors in result.errors],
    }


def as_text(results: "list[Result]", what: str) -> str:
    """A Markdown table: means over the seeds, PSNR with its standard deviation."""
    rows = [["operator", "parameters", "PSNR", "SSIM", "MAE", "MSE"]]
    for r in results:
        spread = r.spread("psnr")
        psnr = f"{r.mean('psnr'):.2f}" + (f" ± {spread:.2f}" if spread is not None else "")
        errors = [f"{r.mean(error):.4f}" for error in ("ssim", "mae", "mse")]
        rows.append([f"`{r.operator}`", f"{r.parameters:,}", psnr, *errors])
    return f"{what}\n\n{markdown_table(rows)}"
