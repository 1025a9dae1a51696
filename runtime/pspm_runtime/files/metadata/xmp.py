"""The XMP data that a result may carry, written anew from the fields that are known to be harmless."""

from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from PIL import Image

from pspm_runtime.files.metadata import iptc as iptc_data

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
_PREFIXES = {address: prefix for prefix, address in _NAMESPACES.items()}
_KEPT = (
    *("dc:creator", "dc:rights", "dc:description", "dc:title", "dc:date"),
    *("xmp:CreateDate", "photoshop:DateCreated", "photoshop:Credit", "photoshop:Source", "photoshop:Headline"),
    *("xmpRights:Owner", "xmpRights:UsageTerms", "xmpRights:WebStatement", "xmpRights:Marked"),
    *("tiff:Artist", "tiff:Copyright", "tiff:ImageDescription", "tiff:Make", "tiff:Model", "exif:DateTimeOriginal"),
)
_PLACE = ("photoshop:City", "photoshop:State", "photoshop:Country", "Iptc4xmpCore:Location", "Iptc4xmpCore:CountryCode")
_GPS = "exif:GPS"
# What IPTC data says of the same, by its number, and the kind of list that the field is.
_OF_IPTC = {
    80: ("dc:creator", "Seq"),
    116: ("dc:rights", "Alt"),
    120: ("dc:description", "Alt"),
    5: ("dc:title", "Alt"),
    55: ("photoshop:DateCreated", ""),
}
_LARGEST = 1 << 20
_LONGEST = 4000
# A JPEG holds 64 kB of XMP data.
_LARGEST_PACKET = 60_000


class Field(NamedTuple):
    """The values of a field with their languages; kind: Seq, Bag or Alt for a list, empty for one value."""

    kind: str
    values: list[tuple[str, str | None]]


def xmp_of(image: Image.Image) -> bytes:
    """The XMP data of a picture of any format, empty if there is none."""
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return found.encode() if isinstance(found, str) else bytes(found) if isinstance(found, bytes) else b""


def kept_xmp(found: bytes, iptc: bytes = b"", *, gps: bool) -> bytes:
    """Dates, creator, rights, credit, title and description; the place only with `gps`.

    iptc: IPTC data, whose fields are taken where the XMP data lacks them. Damaged XMP data counts as none.
    """
    fields = {name: field for name, field in _fields(found).items() if _is_kept(name, gps=gps)}
    for number, (name, kind) in _OF_IPTC.items():
        values: list[tuple[str, str | None]] = [(text, None) for text in iptc_data.texts(iptc, number)]
        if values and name not in fields:
            fields[name] = Field(kind, values if kind == "Seq" else values[:1])
    packet = _packet(fields) if fields else b""
    return packet if len(packet) <= _LARGEST_PACKET else b""


def _is_kept(name: str, *, gps: bool) -> bool:
    return name in _KEPT or (gps and (name in _PLACE or name.startswith(_GPS)))


def _fields(data: bytes) -> dict[str, Field]:
    """The fields of XMP data by their usual names, such as dc:creator. Structures are left out."""
    data = data.strip(b"\0 \r\n\t")
    # Without a document type, XML has no entities that could grow. UTF-16, which could hide one, has zeros.
    if not data or len(data) > _LARGEST or b"\0" in data or b"<!" in data.replace(b"<!--", b""):
        return {}
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - see above
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    fields = {}
    for description in root.findall(f".//{{{_RDF}}}RDF/{{{_RDF}}}Description"):
        for name, value in description.attrib.items():
            fields[_name(name)] = Field("", [(value, None)])
        for element in description:
            if field := _field(element):
                fields[_name(element.tag)] = field
    return {name: Field(field.kind, _short(field.values)) for name, field in fields.items() if _short(field.values)}


def _field(element: ElementTree.Element) -> Field | None:
    if len(element) == 0:
        return Field("", [(element.text or "", None)])
    container = element[0]
    kind = container.tag.removeprefix(f"{{{_RDF}}}")
    if kind not in ("Seq", "Bag", "Alt"):
        return None
    return Field(kind, [(item.text or "", item.get(_LANGUAGE)) for item in container if len(item) == 0])


def _short(values: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    return [(text.strip(), language) for text, language in values if 0 < len(text.strip()) <= _LONGEST]


def _name(tag: str) -> str:
    address, _, name = tag.removeprefix("{").partition("}")
    return f"{_PREFIXES.get(address, '?')}:{name}"


def _packet(fields: dict[str, Field]) -> bytes:
    prefixes = sorted({name.partition(":")[0] for name in fields})
    spaces = "".join(f" xmlns:{prefix}={quoteattr(_NAMESPACES[prefix])}" for prefix in prefixes)
    lines = "".join(_element(name, field) for name, field in fields.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about=""{spaces}>{lines}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _element(name: str, field: Field) -> str:
    if not field.kind:
        return f"<{name}>{escape(field.values[0][0])}</{name}>"
    items = ""
    for text, language in field.values:
        language = language or ("x-default" if field.kind == "Alt" else None)
        items += f"<rdf:li{f' xml:lang={quoteattr(language)}' if language else ''}>{escape(text)}</rdf:li>"
    return f"<{name}><rdf:{field.kind}>{items}</rdf:{field.kind}></{name}>"
