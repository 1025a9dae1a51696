"""--keep-metadata copies what is harmless and nothing else, --keep-gps the place too; looked for byte by byte."""

import io
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import ExifTags, Image
from pspm_runtime.command.cli import main
from pspm_runtime.files.encoding.encode import encode
from pspm_runtime.files.metadata.exif import kept_exif
from pspm_runtime.files.metadata.iptc import in_jpeg, kept_iptc, read_entries
from pspm_runtime.files.metadata.metadata import Metadata, read_metadata
from pspm_runtime.files.metadata.xmp import kept_xmp

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

Base, IFD = ExifTags.Base, ExifTags.IFD

IMAGE = Image.fromarray(gradient(24, 20))
# Values that are found by searching the bytes of a file.
PLACES = [b"Atlantis", b"4851.2937N", b"Lemuria", b"GPSMARK", struct.pack(">I", 713_713), struct.pack("<I", 713_713)]
SECRETS = [b"Grace Face", b"SERIAL-77", b"MAKERNOTE", b"KEYWORD-5", b"HISTORY-9", b"thumb-jpeg", b"NESTED", b"COMMENT"]
HARMLESS = [b"Ada L.", b"(c) Ada", b"2026:11:28 12:00:00", b"Portrait of A."]

XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" exif:GPSLatitude="4851.2937N" aux:SerialNumber="SERIAL-77"
 photoshop:City="Atlantis" xmp:CreateDate="2026-11-28T12:00:00">
<dc:creator><rdf:Seq><rdf:li>Ada L. &amp; Co</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) Ada</rdf:li></rdf:Alt></dc:rights>
<dc:description><rdf:Alt><rdf:li xml:lang="en">Portrait of A.<x>NESTED</x></rdf:li>
<rdf:li xml:lang="x-default">Portrait of A.</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag><rdf:li>KEYWORD-5</rdf:li></rdf:Bag></dc:subject><exif:GPSDestLongitude>GPSMARK</exif:GPSDestLongitude>
<xmpMM:History><rdf:Seq><rdf:li>HISTORY-9</rdf:li></rdf:Seq></xmpMM:History>
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag><rdf:li>
<rdf:Description dc:title="Grace Face" mwg-rs:Name="Grace Face"/></rdf:li>
</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def entry(number: int, value: bytes, record: int = 2) -> bytes:
    return bytes([0x1C, record, number]) + struct.pack(">H", len(value)) + value


IPTC = b"".join(
    [
        entry(90, b"\x1b%G", 1),
        entry(0, b"\0\4"),
        entry(25, b"KEYWORD-5"),
        entry(80, b"Ada L."),
        entry(90, b"Atlantis"),
        entry(101, b"Lemuria"),
        entry(116, b"(c) Ada"),
        entry(120, b"Portrait of A."),
    ]
)


def exif() -> Image.Exif:
    data = Image.Exif()
    data[Base.Make], data[Base.Artist], data[Base.Copyright] = "Camera", "Ada L.", "(c) Ada"
    data[Base.ImageDescription] = "Portrait of A."
    data[IFD.Exif] = {
        Base.DateTimeOriginal: "2026:11:28 12:00:00",
        Base.BodySerialNumber: "SERIAL-77",
        Base.MakerNote: b"MAKERNOTE",
        Base.UserComment: b"COMMENT",
    }
    data[IFD.GPSInfo] = {1: "N", 2: (713_713.0, 1.0, 2.0), 29: "GPSMARK"}
    return data


def photo_of(kind: str) -> bytes:
    """A photo with all kinds of metadata that the format holds."""
    if kind == "JPEG":
        return encoded(IMAGE, kind, exif=exif(), xmp=XMP, extra=in_jpeg(IPTC), comment=b"COMMENT", dpi=(300, 300))
    if kind == "TIFF":
        return encode(IMAGE, ".tif", metadata=Metadata(exif().tobytes(), XMP, IPTC))
    if kind == "PNG":
        return encode(IMAGE, ".png", metadata=Metadata(exif().tobytes(), XMP))
    if kind == "JXL":
        pytest.importorskip("pylibjxl", reason="needs the extra jxl (pylibjxl)")
        return encode(IMAGE, ".jxl", metadata=Metadata(exif().tobytes(), XMP))
    if kind == "HEIF":
        pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra heif (pillow-heif)")
        file = pillow_heif.HeifFile()
        added = file.add_frombytes("RGB", IMAGE.size, IMAGE.tobytes())
        added.info.update(exif=exif().tobytes(), xmp=XMP)
        buffer = io.BytesIO()
        file.save(buffer)
        return buffer.getvalue()
    return encoded(IMAGE, kind, exif=exif(), xmp=XMP)


def result_of(data: bytes, tmp_path: Path, name: str, *options: str) -> bytes:
    photo, out = tmp_path / "photo.bin", tmp_path / f"out.{name}"
    photo.write_bytes(data)
    assert main(["blur", str(photo), "-o", str(out), *options]) == 0
    return out.read_bytes()


def found(wanted: list[bytes], data: bytes) -> list[bytes]:
    return [value for value in wanted if value in data]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP", "HEIF", "JXL"])
@pytest.mark.parametrize("name", ["jpg", "png", "webp", "tif", "avif"])
def test_no_place_and_no_secret_survives(fake_engine: FakeEngine, tmp_path: Path, kind: str, name: str) -> None:
    data = photo_of(kind)
    # JPEG XL compresses its metadata.
    assert kind == "JXL" or found([b"GPSMARK", b"Grace Face", b"SERIAL-77"], data), "nothing to be found"

    plain, kept = result_of(data, tmp_path, name), result_of(data, tmp_path, name, "--keep-metadata", "--force")
    with_place = result_of(data, tmp_path, name, "--keep-gps", "--force")

    assert found([*PLACES, *SECRETS, *HARMLESS, b"xmpmeta", b"Exif", b"Photoshop"], plain) == []
    assert found([*PLACES, *SECRETS, b"GPS"], kept) == []
    assert found(HARMLESS, kept) == HARMLESS
    assert found(SECRETS, with_place) == []
    assert found([b"Atlantis", b"4851.2937N", b"GPSMARK"], with_place) == [b"Atlantis", b"4851.2937N", b"GPSMARK"]


@pytest.mark.parametrize("name", ["jpg", "png", "webp", "tif", "avif"])
def test_what_is_kept_is_read_again(fake_engine: FakeEngine, tmp_path: Path, name: str) -> None:
    with Image.open(io.BytesIO(result_of(photo_of("JPEG"), tmp_path, name, "--keep-metadata"))) as result:
        result.load()
        kept = result.getexif()
        assert (kept[Base.Artist], kept[Base.Copyright]) == ("Ada L.", "(c) Ada")
        assert kept.get_ifd(IFD.Exif) == {Base.DateTimeOriginal: "2026:11:28 12:00:00"}
        assert not kept.get_ifd(IFD.GPSInfo)
        fields = ElementTree.fromstring(result.info["xmp"])[0][0]  # noqa: S314
        assert ["".join(field.itertext()) for field in fields] == [
            "2026-11-28T12:00:00",
            "Ada L. & Co",
            "(c) Ada",
            "Portrait of A.",
        ]
        if name != "webp" and name != "avif":
            assert result.info["dpi"] == pytest.approx((300, 300), abs=0.01)


@pytest.mark.parametrize("name", ["jpg", "tif"])
@pytest.mark.parametrize("gps", [False, True])
def test_iptc_is_kept_where_the_format_has_it(fake_engine: FakeEngine, tmp_path: Path, name: str, gps: bool) -> None:
    option = "--keep-gps" if gps else "--keep-metadata"
    (tmp_path / "again").write_bytes(result_of(photo_of("JPEG"), tmp_path, name, option))

    entries = list(read_entries(read_metadata(tmp_path / "again", 1, gps=True).iptc))

    numbers = [90, 0, 80, 90, 101, 116, 120] if gps else [90, 0, 80, 116, 120]
    assert [entry.number for entry in entries] == numbers
    assert entries[2].value == b"Ada L."


def test_iptc_becomes_xmp_where_that_is_missing() -> None:
    latin = entry(80, "Zoë".encode("latin-1")) + entry(80, b"Ada") + entry(120, b"a < b")

    packet = kept_xmp(b"", latin, gps=False).decode()

    assert "<dc:creator><rdf:Seq><rdf:li>Zoë</rdf:li><rdf:li>Ada</rdf:li></rdf:Seq></dc:creator>" in packet
    assert '<rdf:li xml:lang="x-default">a &lt; b</rdf:li>' in packet
    assert "Someone" in kept_xmp(packet.replace("Zoë", "Someone").encode(), latin, gps=False).decode()


def test_iptc_that_a_tiff_holds_as_numbers_or_in_resources() -> None:
    padded = IPTC + bytes(-len(IPTC) % 4)
    numbers = struct.unpack(f"<{len(padded) // 4}I", padded)
    for tag, value in ((33723, numbers), (34377, in_jpeg(IPTC)[18:])):
        directory: Any = {tag: value}
        image = Image.new("RGB", (1, 1))
        image.tag_v2 = directory
        from pspm_runtime.files.metadata.iptc import iptc_of

        assert b"Ada L." in kept_iptc(iptc_of(image), gps=False)


BOMB = b"<!DOCTYPE x [" + b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 20)) + b"]>"


@pytest.mark.parametrize(
    "broken",
    [b"", b"junk", XMP[:400], XMP.replace(b"</rdf:RDF>", b""), BOMB + XMP, XMP.decode().encode("utf-16"), b"\xff" * 99],
)
def test_broken_xmp_counts_as_none(broken: bytes) -> None:
    assert kept_xmp(broken, gps=True) == b""


def test_broken_iptc_is_read_up_to_the_damage() -> None:
    for end in range(len(IPTC)):
        assert IPTC.startswith(entry(90, b"\x1b%G", 1)[: min(end, 8)])
        kept_iptc(IPTC[:end], gps=True)
    assert [e.number for e in read_entries(IPTC[:-3])] == [90, 0, 25, 80, 90, 101, 116]
    assert list(read_entries(bytes([0x1C, 2, 80, 0x80, 9]) + bytes(20))) == []
    assert [e.value for e in read_entries(bytes([0x1C, 2, 80, 0x80, 2, 0, 3]) + b"Ada")] == [b"Ada"]


def test_values_too_long_for_a_jpeg_are_left_out(fake_engine: FakeEngine, tmp_path: Path) -> None:
    data = exif()
    data[Base.Artist] = "x" * 70_000
    long = XMP.replace(b"Ada L.", b"y" * 70_000)

    result = result_of(encoded(IMAGE, "PNG", exif=data), tmp_path, "jpg", "--keep-metadata")
    packet = kept_xmp(long, entry(5, b"z" * 5000), gps=False)

    assert b"xxxx" not in result
    assert b"(c) Ada" in result
    assert b"yyyy" not in packet
    assert b"zzzz" not in kept_iptc(entry(5, b"z" * 5000) + entry(80, b"Ada"), gps=False)


@pytest.mark.parametrize("dpi", [(0, 0), (float("inf"), 1), (float("nan"), 72), (1e9, 1e9)])
def test_a_resolution_that_makes_no_sense_costs_only_itself(dpi: tuple[float, float]) -> None:
    found, kept = Image.Exif(), Image.Exif()
    found.load(exif().tobytes())
    kept.load(kept_exif(found, dpi, gps=False))

    assert kept[Base.Artist] == "Ada L."
    assert Base.XResolution not in kept


def test_results_in_python_carry_none_of_it(fake_model: Any) -> None:
    data = photo_of("JPEG")
    for result in (fake_model.cut_out(data), fake_model.blur_background(data, 0), fake_model.blur_background(data, 1)):
        assert set(result.info) <= {"icc_profile"}
    image = Image.open(io.BytesIO(data))
    fake_model.blur_background(image, 0)
    assert image.info["xmp"] == XMP
    assert np.array_equal(np.asarray(image), np.asarray(Image.open(io.BytesIO(data))))
