"""Makes one page of page.html, style.css and script.js, as a C header.

usage: embed.py PAGE STYLE SCRIPT HEADER

The header has the bytes of the page and its Content-Security-Policy: nothing from elsewhere, and of
scripts and styles only these, by their SHA-256.
"""
import base64
import hashlib
import sys


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def hash_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main(page, style, script, header):
    parts = {"/*STYLE*/\n": read(style), "/*SCRIPT*/\n": read(script)}
    text = read(page)
    for mark, part in parts.items():
        if text.count(mark) != 1 or "</s" in part:
            sys.exit(f"embed.py: {mark.strip()} does not fit into {page}")
        text = text.replace(mark, part)
    hashes = [hash_of("\n" + part) for part in parts.values()]
    policy = ("default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; "
              f"form-action 'none'; frame-ancestors 'none'; style-src {hashes[0]}; "
              f"script-src {hashes[1]}")
    data = text.encode()
    with open(header, "w", encoding="ascii") as out:
        out.write(f'static const char console_policy[] =\n    "{policy}";\n')
        out.write("static const unsigned char console_page[] = {\n")
        for at in range(0, len(data), 20):
            out.write("    " + "".join(f"{byte}," for byte in data[at:at + 20]) + "\n")
        out.write("};\n")


main(*sys.argv[1:])
