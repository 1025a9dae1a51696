"""The parity of every operator in every format: the smallest network around it, exported and compared with torch.

    python -m pspm_export.reports.operator_parity [NAME ...]

prints the table of docs/operators.md.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pspm_runtime.tables import markdown_row

from pspm.operators import OPERATORS
from pspm_export.plan.export_spec import spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.verification.operator_probe import SIZE, operator_probe
from pspm_export.verification.parity import Parity, compare
from pspm_export.verification.sample_inputs import sample_view
from pspm_export.writers.find_writer import find_writer


def parity_of(operator: str, format_name: str) -> Parity:
    """The parity of a float32 file with torch's own operator on the sample portrait.

    The file takes any size if the format allows it. Raises ModelError if the operator cannot be exported.
    """
    network, row = operator_probe(operator), FORMATS[format_name]
    spec, writer = spec_for(network, row, "fp32", SIZE, dynamic=row.flexible), find_writer(row)
    with TemporaryDirectory() as folder:
        path = Path(folder) / row.file
        writer.write(network, path, spec)
        (found,) = compare(network, writer.open_engine(path, spec), [sample_view(*SIZE)])
    return found


def main(names: list[str]) -> None:
    """Print a Markdown table of mean differences of the alpha, from 0 to 1, one row at a time."""
    print(markdown_row(["operator", *FORMATS]))
    print(markdown_row(["---"] * (1 + len(FORMATS))))
    for name in names or OPERATORS:
        errors = [parity_of(name, row).mean_error for row in FORMATS]
        print(markdown_row([f"`{name}`", *(f"{error:.0e}" for error in errors)]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
