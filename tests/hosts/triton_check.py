"""Read the configuration of `pspm export --layout triton` as Triton's own client does: python triton_check.py FOLDER"""

import sys
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2


def main(folder: Path) -> None:
    """Parse config.pbtxt as Triton's message ModelConfig."""
    (path,) = folder.glob("*/config.pbtxt")
    parsed = text_format.Parse(path.read_text(), model_config_pb2.ModelConfig())
    assert parsed.name == path.parent.name
    assert (path.parent / "1/model.onnx").is_file()
    assert list(parsed.input[0].dims) == [1, 3, -1, -1]
    print(f"triton: {parsed.name}, {parsed.platform}, input {parsed.input[0].name}, output {parsed.output[0].name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
