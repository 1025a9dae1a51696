"""The command `pspm reproduce`. Its heavy imports happen only when it runs."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.files.save import write
from pspm_runtime.tables import markdown_table

from pspm.command_errors import command_errors

if TYPE_CHECKING:
    from pspm.reproduce.run import Reproduction


def add_reproduce(subcommands: Any) -> None:
    """Add the command `pspm reproduce`."""
    parser = subcommands.add_parser(
        "reproduce",
        help="train and measure the rows of a table of the thesis",
        description="Train and measure the rows of a table of the thesis or the SAPA paper, all with the same number "
        "of steps, and print them beside the printed figures. The same command continues a table that was stopped.",
    )
    parser.add_argument("table", help="6.2 to 6.7, 3.3, 3.4, 4.2, 4.3, 4.4, 5.1, 5.2, 5.3, sapa-1 or sapa-5")
    parser.add_argument("--data", type=Path, help="data folder, as for pspm train; for all tables except sapa-1")
    parser.add_argument("-o", "--out", type=Path, help="folder for runs and results, of one budget")
    parser.add_argument("--steps", type=int, default=1000, help="training steps of each row (default 1000)")
    parser.add_argument("--crop", type=int, default=320, help="side of the training crops in pixels (default 320)")
    parser.add_argument("--batch", type=int, default=16, help="crops for each step (default 16)")
    parser.add_argument("--seeds", type=int, default=1, help="train each row with seeds 0, 1, ... (default 1)")
    parser.add_argument(
        "--recipe", metavar="NAME", help="train the networks of chapter 6 in one run of this recipe, without phases"
    )
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="only these rows, such as B1 B5 (default: all)")
    parser.add_argument(
        "--imagenet", type=Path, action="append", default=[], help="weights that encoders start from, as for pspm train"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="measure on the first N pictures only")
    parser.add_argument("--only-print", action="store_true", help="train nothing: print what is done")
    parser.add_argument("--accelerator", default="auto", help="auto, gpu, cpu or mps (default auto)")
    parser.add_argument("--workers", type=int, default=2, help="processes that decode images (default 2)")
    parser.add_argument("--channels-last", action="store_true", help="as for pspm train")
    parser.add_argument("--in-memory", action="store_true", help="as for pspm train")
    parser.add_argument("--threads", type=int, help="threads of a network while it is measured (default: one per core)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the table as an HTML page")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_reproduce)


def _reproduce(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.reproduce.page import as_html
        from pspm.reproduce.printed_tables import table
        from pspm.reproduce.report import as_rows, measured_rows, orders
        from pspm.reproduce.run import counts

    _check(args)
    with command_errors(args.out):
        chosen = table(args.table)
        if chosen.set:
            work = _reproduction(args)
            if not args.only_print:
                work.run()
            results, facts, said = work.results(), work.budget.as_json(), work.sentences()
        else:
            results, facts, said = counts(chosen), {}, [f"{chosen.title} ({chosen.source}).", chosen.note]
    rows = measured_rows(chosen, results)
    if args.json:
        print(json.dumps({"table": args.table, "budget": facts, "rows": results}, indent=2))
    else:
        print("\n\n".join([*said, markdown_table(as_rows(chosen, rows)), *orders(chosen, rows)]))
    if args.html:
        write(as_html(chosen, rows, said).encode(), args.html, force=True)
    return 0


def _reproduction(args: argparse.Namespace) -> "Reproduction":
    from pspm.reproduce.budget import Budget
    from pspm.reproduce.printed_tables import table
    from pspm.reproduce.rows import Machine
    from pspm.reproduce.run import Reproduction, choose

    if args.data is None or args.out is None:
        raise PspmError(f"table {args.table} needs --data and -o; its rows are trained and kept there")
    chosen = table(args.table)
    budget = Budget(args.data, args.steps, args.crop, args.batch, args.recipe, tuple(args.imagenet), args.limit)
    machine = Machine(args.accelerator, args.workers, args.channels_last, args.in_memory, args.threads)
    return Reproduction(chosen, choose(chosen, args.rows), budget, args.out, args.seeds, machine)


def _check(args: argparse.Namespace) -> None:
    """Check the options before the long training starts."""
    for option in ("steps", "crop", "batch", "seeds"):
        if getattr(args, option) < 1:
            raise PspmError(f"--{option} must be at least 1, not {getattr(args, option)}")
    if args.limit is not None and args.limit < 1:
        raise PspmError(f"--limit must be at least 1, not {args.limit}")
    if args.workers < 0:
        raise PspmError(f"--workers must be at least 0, not {args.workers}")
    if args.threads is not None and args.threads < 1:
        raise PspmError(f"--threads must be at least 1, not {args.threads}")
    if args.crop % 32:
        raise PspmError(f"--crop must be a multiple of 32, not {args.crop}")
    if args.html and args.html.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{args.html}: the page must be an .html file")
