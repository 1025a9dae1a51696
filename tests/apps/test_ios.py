"""Check the iOS demo's model, benchmark, project and texts. `make ios` creates the files that are checked here."""

import json
import plistlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import coremltools as ct  # type: ignore[import-untyped]
import jsonschema
import openstep_plist
import pytest
from coremltools.proto import FeatureTypes_pb2  # type: ignore[import-untyped]
from pbxproj import XcodeProject
from PIL import Image
from pspm_runtime.bundle import Bundle, digest, open_bundle

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "ios_demo"
MODEL = DEMO / "PortraitMatting/Sources/PortraitMatting/Model"
PROJECT = DEMO / "PortraitMattingDemo.xcodeproj/project.pbxproj"
BENCHMARK = DEMO / ".build/benchmark.json"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    if not (MODEL / "manifest.json").is_file():
        pytest.skip("the app's model is not exported; run make ios")
    return open_bundle(MODEL)


@pytest.fixture(scope="module")
def specification(bundle: Bundle) -> Any:
    return ct.models.MLModel(str(bundle.model), skip_model_load=True).get_spec()


def test_the_model_is_the_shipped_network(bundle: Bundle) -> None:
    assert (bundle.name, bundle.network, bundle.format) == ("mobile", "mobile", "coreml")
    assert bundle.facts["precision"] == "fp16"
    assert bundle.facts["parameters"] == open_bundle("mobile").facts["parameters"]
    assert digest(bundle.model) == bundle.sha256


def test_the_package_takes_the_sizes_in_its_manifest(specification: Any, bundle: Bundle) -> None:
    (image,) = specification.description.input
    assert image.name == bundle.facts["input"]["name"]
    kind = image.type.imageType
    assert kind.colorSpace == FeatureTypes_pb2.ImageFeatureType.RGB
    assert (kind.width, kind.height) == bundle.size.sizes[0] == (512, 512)
    listed = {(size.width, size.height) for size in kind.enumeratedSizes.sizes}
    assert listed == set(bundle.size.sizes) == {(512, 512), (512, 384), (384, 512)}


def test_the_package_returns_an_alpha_that_the_app_reads(specification: Any, bundle: Bundle) -> None:
    (alpha,) = specification.description.output
    assert alpha.name == bundle.facts["output"]["name"]
    assert alpha.type.imageType.colorSpace == FeatureTypes_pb2.ImageFeatureType.GRAYSCALE_FLOAT16
    assert bundle.facts["output"]["layout"] == "image"


def test_the_package_runs_on_ios_16(specification: Any) -> None:
    # iOS 16 and macOS 13 read version 7, the first with half-precision images.
    assert specification.specificationVersion == 7
    assert specification.WhichOneof("Type") == "mlProgram"


def test_the_package_has_metadata(specification: Any, bundle: Bundle) -> None:
    about = specification.description.metadata
    assert about.author == "PSPM"
    assert about.license == bundle.facts["licence"]
    assert about.shortDescription
    assert about.userDefined["pspm.precision"] == "fp16"
    assert int(about.userDefined["pspm.multiple"]) == 32


def test_the_benchmark_matches_the_schema() -> None:
    if not BENCHMARK.is_file():
        pytest.skip("the Swift tests have not written a benchmark; run make ios")
    result = json.loads(BENCHMARK.read_text())
    schema = json.loads((ROOT / "runtime/pspm_runtime/bench.schema.json").read_text())
    jsonschema.validate(result, schema)
    assert result["app"] == "ios"
    assert [set(run) & {"fps", "refused"} for run in result["runs"]] == [{"fps"}, {"refused"}]


@pytest.fixture(scope="module")
def objects() -> dict[str, dict[str, Any]]:
    with PROJECT.open() as file:
        project: dict[str, Any] = openstep_plist.load(file)
    return project["objects"]


def identifiers(value: Any) -> set[str]:
    """Return the identifiers of project objects in a value, without comments."""
    if isinstance(value, dict):
        return set().union(*(identifiers(part) for item in value.items() for part in item))
    if isinstance(value, list):
        return set().union(*map(identifiers, value))
    return {value} if re.fullmatch(r"[0-9A-F]{24}", str(value)) else set()


def test_two_parsers_read_the_same_objects(objects: dict[str, dict[str, Any]]) -> None:
    other = XcodeProject.load(str(PROJECT)).objects
    assert {identifier: entry["isa"] for identifier, entry in objects.items()} == {
        identifier: other[identifier].isa for identifier in other.get_keys()
    }


def test_the_project_has_no_dangling_reference(objects: dict[str, dict[str, Any]]) -> None:
    with PROJECT.open() as file:
        project = openstep_plist.load(file)
    assert project["objectVersion"] in (77, "77")
    used = identifiers({"root": project["rootObject"]}).union(*(identifiers(entry) for entry in objects.values()))
    assert used == set(objects)


def test_the_projects_folders_and_product_exist(objects: dict[str, dict[str, Any]]) -> None:
    of = {isa: [entry for entry in objects.values() if entry["isa"] == isa] for isa in ISAS}
    (folder,), (package,) = of["PBXFileSystemSynchronizedRootGroup"], of["XCLocalSwiftPackageReference"]
    assert any((DEMO / folder["path"]).rglob("*.swift"))
    manifest = (DEMO / package["relativePath"] / "Package.swift").read_text()
    (product,) = of["XCSwiftPackageProductDependency"]
    assert f'.library(name: "{product["productName"]}"' in manifest
    (exceptions,) = of["PBXFileSystemSynchronizedBuildFileExceptionSet"]
    for name in exceptions["membershipExceptions"]:
        assert (DEMO / folder["path"] / name).is_file()
    settings = [entry["buildSettings"] for entry in of["XCBuildConfiguration"]]
    assert {s["INFOPLIST_FILE"] for s in settings if "INFOPLIST_FILE" in s} == {"Demo/Info.plist"}
    assert {s["IPHONEOS_DEPLOYMENT_TARGET"] for s in settings if "IPHONEOS_DEPLOYMENT_TARGET" in s} == {"16.0"}
    assert ".iOS(.v16)" in manifest


def test_apps_see_no_stage_but_the_effects() -> None:
    sources = (DEMO / "PortraitMatting/Sources").rglob("*.swift")
    functions = {
        name for source in sources for name in re.findall(r"^public func (\w+)", source.read_text(), re.MULTILINE)
    }
    assert functions == {"cutOut", "replaceBackground", "blurBackground"}


def test_the_app_has_an_icon_and_an_accent_colour(objects: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    (folder,) = [entry for entry in objects.values() if entry["isa"] == "PBXFileSystemSynchronizedRootGroup"]
    assets = DEMO / folder["path"] / "Assets.xcassets"
    names = {
        value
        for entry in objects.values()
        if entry["isa"] == "XCBuildConfiguration"
        for setting, value in entry["buildSettings"].items()
        if setting.startswith("ASSETCATALOG_COMPILER_")
    }
    assert names == {"AppIcon", "AccentColor"} == {path.stem for path in assets.iterdir() if path.is_dir()}
    (image,) = json.loads((assets / "AppIcon.appiconset/Contents.json").read_text())["images"]
    program = ROOT / "web_demo/scripts/icons.py"
    subprocess.run([sys.executable, str(program), str(tmp_path), "--iphone"], check=True)
    with Image.open(tmp_path / image["filename"]) as icon:
        assert (icon.mode, f"{icon.width}x{icon.height}") == ("RGB", image["size"])  # without alpha, as the store asks


def test_app_and_package_declare_the_same_private_interfaces() -> None:
    app, package = (
        plistlib.loads((DEMO / folder / "PrivacyInfo.xcprivacy").read_bytes())
        for folder in ("Demo", "PortraitMatting/Sources/PortraitMatting")
    )
    assert app == package
    assert '.copy("PrivacyInfo.xcprivacy")' in (DEMO / "PortraitMatting/Package.swift").read_text()


ISAS = (
    "PBXFileSystemSynchronizedRootGroup",
    "XCLocalSwiftPackageReference",
    "XCSwiftPackageProductDependency",
    "PBXFileSystemSynchronizedBuildFileExceptionSet",
    "XCBuildConfiguration",
)


def test_the_apps_version_is_the_python_projects(objects: dict[str, dict[str, Any]]) -> None:
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version
    settings = [entry["buildSettings"] for entry in objects.values() if entry["isa"] == "XCBuildConfiguration"]
    assert {s["MARKETING_VERSION"] for s in settings if "MARKETING_VERSION" in s} == {version[1]}


def test_property_lists_are_valid_and_state_why_the_camera_is_used() -> None:
    lists = {path.name: plistlib.loads(path.read_bytes()) for path in DEMO.rglob("Demo/*") if is_plist(path)}
    assert set(lists) == {"Info.plist", "PrivacyInfo.xcprivacy"}
    assert "camera" in lists["Info.plist"]["NSCameraUsageDescription"]
    assert lists["PrivacyInfo.xcprivacy"]["NSPrivacyTracking"] is False
    translated = json.loads((DEMO / "Demo/InfoPlist.xcstrings").read_text())["strings"]
    for key, entry in translated.items():
        assert entry["localizations"]["en"]["stringUnit"]["value"] == lists["Info.plist"][key]


def is_plist(path: Path) -> bool:
    return path.suffix in (".plist", ".xcprivacy")


def displayed_texts() -> set[str]:
    """Return every displayed string literal in the app's sources, as a key of the string catalogue."""
    calls = r"(?:Text|Label|Button|Toggle|Picker|ColorPicker|ProgressView|toggle|stage|nameOfNone:|localized:)\s*\(?"
    found: set[str] = set()
    for source in (DEMO / "Demo").rglob("*.swift"):
        for literal in re.findall(calls + r'"((?:[^"\\]|\\\((?:[^()"]|"[^"]*"|\([^()]*\))*\))*)"', source.read_text()):
            key = re.sub(r'\\\([^)]*specifier: "([^"]*)"\)', r"\1", literal)
            found.add(re.sub(r"\\\([^)]*\)", "%@", key))
    return found


def test_every_text_has_a_german_translation() -> None:
    catalogue = json.loads((DEMO / "Demo/Localizable.xcstrings").read_text())["strings"]
    assert displayed_texts() == set(catalogue)
    for key, entry in catalogue.items():
        german = entry["localizations"]["de"]["stringUnit"]["value"]
        assert german
        kinds = [re.findall(r"%(?:\d\$)?([.\d]*[f@])", text) for text in (key, german)]
        assert kinds[0] == kinds[1], key


def test_the_scheme_runs_the_app_in_release(objects: dict[str, dict[str, Any]]) -> None:
    path = PROJECT.parent / "xcshareddata/xcschemes/PortraitMattingDemo.xcscheme"
    scheme = ElementTree.parse(path).getroot()  # noqa: S314 - our own file
    built = {reference.attrib["BlueprintIdentifier"] for reference in scheme.iter("BuildableReference")}
    assert built == {name for name, entry in objects.items() if entry["isa"] == "PBXNativeTarget"}
    launch = scheme.find("LaunchAction")
    assert launch is not None
    assert launch.attrib["buildConfiguration"] == "Release"
