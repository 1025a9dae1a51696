"""`pspm evaluate`; what it needs is only imported when it runs."""

import argparse
import json
from pathlib import Path
from typing import Any

from pspm_runtime.errors import PspmError
from pspm_runtime.extras import needs_extra


def add_evaluate(subcommands: Any) -> None:
    """Add `pspm evaluate`: errors of a model against a folder of true mattes."""
    parser = subcommands.add_parser("evaluate", help="SAD, MSE, MAD and IoU of a model against true mattes")
    parser.add_argument("--model", default=None, help="name of a shipped model or folder of a bundle")
    parser.add_argument("--data", type=Path, required=True, help="the data folder, with portraits/ and cutouts/")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.evaluation.validation import SETS, validate
    from pspm_runtime import DEFAULT_MODEL, load

    model = load(args.model or DEFAULT_MODEL)
    try:
        results = {name: validate(model, args.data, name) for name in SETS}
    except (FileNotFoundError, ValueError) as error:
        raise PspmError(str(error)) from None
    if args.json:
        print(json.dumps({"model": model.bundle.name, "sets": results}, indent=2))
    else:
        columns = list(next(iter(results.values())))
        print(f"{'set':<12}" + "".join(f"{column:>10}" for column in columns))
        for name, row in results.items():
            print(f"{name:<12}" + "".join(f"{row[c]:>10.4g}" for c in columns))
    return 0
