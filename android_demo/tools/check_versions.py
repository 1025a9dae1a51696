"""check_versions.py: check the versions in Gradle, pom.xml and artefacts.txt, and that all aliases exist.

All versions are equal, but for the engine: Gradle has LiteRT, Maven TensorFlow Lite.
"""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

DEMO = Path(__file__).parent.parent
POM_NAMES = {
    "kotlin": "kotlin.version",
    "coroutines": "coroutines.version",
    "junit": "junit.version",
    "json": "json.version",
}


def main() -> None:
    catalogue = tomllib.loads((DEMO / "gradle/libs.versions.toml").read_text())
    versions = catalogue["versions"]
    properties = {
        entry.tag.partition("}")[2]: entry.text
        for entry in ElementTree.parse(DEMO / "pom.xml").getroot().find("{*}properties") or []  # noqa: S314 - our own file
    }
    wrong = [
        f"{ours}: {versions[ours]} in Gradle, but {properties.get(theirs)} in Maven"
        for ours, theirs in POM_NAMES.items()
        if versions[ours] != properties.get(theirs)
    ]
    artefacts = (DEMO / "tools/artefacts.txt").read_text()
    engine = f" org.tensorflow:tensorflow-lite:{properties.get('tensorflow.version')}:"
    gpu_api = f" org.tensorflow:tensorflow-lite-gpu-api:{properties.get('gpu.api.version')}:"
    wrong += [f"artefacts.txt does not list{artefact}" for artefact in (engine, gpu_api) if artefact not in artefacts]
    for script in DEMO.glob("**/build.gradle.kts"):
        for alias in re.findall(r"libs\.(plugins\.)?([a-z.]+)", script.read_text()):
            table = catalogue["plugins"] if alias[0] else catalogue["libraries"]
            if alias[1].replace(".", "-") not in table:
                wrong.append(f"{script}: libs.{''.join(alias)} is not in gradle/libs.versions.toml")
    if wrong:
        raise SystemExit("\n".join(wrong))
    print(f"versions: Gradle and Maven agree ({', '.join(POM_NAMES)})")


if __name__ == "__main__":
    main()
