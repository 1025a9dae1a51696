"""pack_aar.py REPOSITORY CLASSES.jar: write the library as an AAR, with POM and sources, to a Maven repository.

The same bytes for the same classes. The POM asks for LiteRT, as the Gradle build does.
"""

import io
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

DEMO = Path(__file__).parent.parent
TIME = (1981, 1, 1, 0, 0, 0)
MIN_SDK = 26
METADATA = """\
aarFormatVersion=1.0
aarMetadataVersion=1.0
minCompileSdk=1
minCompileSdkExtension=0
minAndroidGradlePluginVersion=1.0.0
"""
STANDARD_LIBRARY: dict[str, Any] = {"module": "org.jetbrains.kotlin:kotlin-stdlib", "version": {"ref": "kotlin"}}


def main(repository: Path, classes: Path) -> None:
    version = tomllib.loads((DEMO.parent / "pyproject.toml").read_text())["project"]["version"]
    folder = repository / "pspm" / "matting" / version
    folder.mkdir(parents=True, exist_ok=True)
    name = f"matting-{version}"
    sources = DEMO / "matting/src/main/kotlin"
    (folder / f"{name}.aar").write_bytes(packed(library(classes)))
    (folder / f"{name}-sources.jar").write_bytes(
        packed({path.relative_to(sources).as_posix(): path.read_bytes() for path in sources.rglob("*.kt")})
    )
    (folder / f"{name}.pom").write_text(pom(version))
    print(folder / f"{name}.aar")


def library(classes: Path) -> dict[str, bytes]:
    """The entries of the AAR."""
    manifest = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="pspm.matting">\n'
        f'    <uses-sdk android:minSdkVersion="{MIN_SDK}" />\n</manifest>\n'
    )
    with zipfile.ZipFile(classes) as jar:
        content = {
            info.filename: jar.read(info)
            for info in jar.infolist()
            if not info.is_dir() and not info.filename.startswith("META-INF/maven/")
        }
    return {
        "AndroidManifest.xml": manifest.encode(),
        "classes.jar": packed(content),
        "R.txt": b"",
        "proguard.txt": (DEMO / "matting/consumer-rules.pro").read_bytes(),
        "META-INF/com/android/build/gradle/aar-metadata.properties": METADATA.encode(),
    }


def pom(version: str) -> str:
    """The POM, with the libraries of `implementation` in the Gradle build."""
    catalogue = tomllib.loads((DEMO / "gradle/libs.versions.toml").read_text())
    versions, libraries = catalogue["versions"], catalogue["libraries"]
    needed = [libraries[name] for name in ("litert", "litert-api", "litert-gpu", "litert-gpu-api")]
    dependencies = "".join(dependency(entry, versions, "runtime") for entry in needed)
    dependencies += dependency(STANDARD_LIBRARY, versions, "compile")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        "  <modelVersion>4.0.0</modelVersion>\n"
        f"  <groupId>pspm</groupId>\n  <artifactId>matting</artifactId>\n  <version>{version}</version>\n"
        "  <packaging>aar</packaging>\n"
        "  <description>Portrait matting for Android: photo in, soft alpha matte out</description>\n"
        "  <licenses><license><name>Apache-2.0</name></license></licenses>\n"
        f"  <dependencies>\n{dependencies}  </dependencies>\n</project>\n"
    )


def dependency(entry: dict[str, Any], versions: dict[str, str], scope: str) -> str:
    """One dependency of the POM, an entry of the version catalogue."""
    group, artifact = entry["module"].split(":")
    return f"""\
    <dependency>
      <groupId>{escape(group)}</groupId>
      <artifactId>{escape(artifact)}</artifactId>
      <version>{escape(versions[entry["version"]["ref"]])}</version>
      <scope>{scope}</scope>
    </dependency>
"""


def packed(entries: dict[str, bytes]) -> bytes:
    """A zip of the entries, in the order of their names, with a fixed time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, entries[name], compresslevel=9)
    return file.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
