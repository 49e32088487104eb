#!/usr/bin/python3
"""Draws every picture of the sample edition into images/ and writes its photo-desk metadata.

    ./make_images.py            all of them
    ./make_images.py NAME...    only these (file names without .jpg)

Needs python3-pil, python3-yaml and libimage-exiftool-perl. The result is the same on every run; pictures/catalogue.yaml
says what each picture is called, who made it and under which terms.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

from pictures import city, culture, portraits, science, sea, sport, trade

EDITION = pathlib.Path(__file__).resolve().parent
IMAGES = EDITION / "images"
SCENES = {**city.SCENES, **sea.SCENES, **trade.SCENES, **culture.SCENES, **science.SCENES, **sport.SCENES}
WANTED, LARGEST = 235_000, 295_000  # bytes
COPYRIGHT = "© 2026 {}. All rights reserved."


def save(picture, path):
    """Writes a progressive JPEG, lowering the quality a little where the grain would make it too large."""
    for quality in (82, 79, 76, 73, 70, 67, 64):
        picture.save(path, quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= WANTED:
            return
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name}: still {path.stat().st_size} bytes at the lowest quality")


def tags(entry):
    """The IPTC, XMP and EXIF tags of one catalogue entry, by exiftool's names."""
    by, credit, source = entry.get("by"), entry.get("credit"), entry.get("source", "Broadsheet")
    rights = entry.get("copyright", COPYRIGHT.format(source))
    if entry.get("metadata") == "none":
        return {}
    if entry.get("metadata") == "exif":
        return {"EXIF:Artist": by, "EXIF:Copyright": rights}
    return {
        "IPTC:CodedCharacterSet": "UTF8",
        "IPTC:ObjectName": entry["title"][:64],
        "IPTC:Caption-Abstract": entry["caption"],
        "IPTC:By-line": by[:32],
        "IPTC:Credit": credit[:32],
        "IPTC:Source": source[:32],
        "IPTC:CopyrightNotice": rights[:128],
        "IPTC:DateCreated": entry.get("made", "2026:11:14"),
        "XMP-photoshop:Credit": credit,
        "XMP-photoshop:Source": source,
        "XMP-dc:Title": entry["title"],
        "XMP-dc:Creator": by,
        "XMP-dc:Description": entry["caption"],
        "XMP-dc:Rights": rights,
        "XMP-xmpRights:UsageTerms": entry.get("terms", "Editorial use in the sample edition only."),
        "XMP-iptcCore:AltTextAccessibility": entry["alt"],
    }


def write_metadata(entries):
    """One exiftool run over all pictures, which Pillow has saved without any metadata."""
    records = [{"SourceFile": str(IMAGES / f"{e['name']}.jpg"), **tags(e)} for e in entries]
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(records, file, ensure_ascii=False)
        file.flush()
        subprocess.run(["exiftool", "-q", "-overwrite_original", "-charset", "iptc=UTF8",
                        f"-json={file.name}", *[r["SourceFile"] for r in records]], check=True)


def main(wanted):
    os.umask(0o022)
    IMAGES.mkdir(exist_ok=True)
    catalogue = yaml.safe_load((EDITION / "pictures" / "catalogue.yaml").read_text(encoding="utf-8"))
    unknown = set(wanted) - {e["name"] for e in catalogue}
    if unknown:
        raise SystemExit(f"not in pictures/catalogue.yaml: {', '.join(sorted(unknown))}")
    entries = [e for e in catalogue if not wanted or e["name"] in wanted]
    for entry in entries:
        name = entry["name"]
        picture = portraits.portrait(name[9:]) if name.startswith("portrait-") else SCENES[name.replace("-", "_")]()
        save(picture, IMAGES / f"{name}.jpg")
    write_metadata(entries)
    total = sum(f.stat().st_size for f in IMAGES.glob("*.jpg"))
    print(f"{len(entries)} pictures drawn; {len(list(IMAGES.glob('*.jpg')))} in images/, {total / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
