"""How every operator fares in every format: the smallest network around it, saved and held against torch.

    python -m pspm_export.reports.operator_parity [NAME ...]

prints the table of docs/operators.md.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pspm.operators import OPERATORS
from pspm_export.plan.calibration import sample_input
from pspm_export.plan.formats import FORMATS
from pspm_export.verification.operator_probe import SIZE, operator_probe
from pspm_export.verification.parity import Parity, compare


def parity_of(operator: str, format_name: str) -> Parity:
    """Of a float32 file with torch's own operator, on the sample portrait. Raises ModelError for what cannot be saved.

    Files that can take several sizes are of that kind.
    """
    network, row = operator_probe(operator), FORMATS[format_name]
    writer = row.writer()
    with TemporaryDirectory() as folder:
        path = Path(folder) / row.file
        writer.write(
            network,
            path,
            precision="fp32",
            size=SIZE,
            dynamic=row.flexible,
            calibration=(),
        )
        (found,) = compare(network, writer.open(path), [sample_input(*SIZE)])
    return found


def main(names: list[str]) -> None:
    """Print a Markdown table: mean differences of the alpha, from 0 to 1."""
    print(f"| operator | {' | '.join(FORMATS)} |")
    print("| --- |" + " --- |" * len(FORMATS))
    for name in names or OPERATORS:
        errors = [parity_of(name, row).mean_error for row in FORMATS]
        print(f"| `{name}` | {' | '.join(f'{error:.0e}' for error in errors)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
