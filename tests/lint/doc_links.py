"""Fails when a relative link in a Markdown file leads nowhere. Usage: doc_links.py ROOT"""

import pathlib
import re
import sys
import urllib.parse

import tree

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
# [text](target), ![text](target "title") and [label]: target
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    found: dict[str, int] = {}
    result = set()
    for title in HEADING.findall(FENCE.sub("", text)):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        result.add(slug if count == 0 else f"{slug}-{count}")
    return result


def broken(root: pathlib.Path) -> list[str]:
    problems = []
    for page in tree.files(root, ".md"):
        text = page.read_text(encoding="utf-8")
        for match in LINK.finditer(CODE.sub("", FENCE.sub("", text))):
            link = match.group(1) or match.group(2)
            if urllib.parse.urlsplit(link).scheme or link.startswith("//"):
                continue
            path, _, anchor = link.partition("#")
            path = urllib.parse.unquote(path)
            target = page if not path else root / path[1:] if path.startswith("/") else page.parent / path
            where = f"{page.relative_to(root)}: {link}"
            if not target.exists():
                problems.append(f"{where}: no such file")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
                problems.append(f"{where}: no such heading")
    return problems


def main(root: pathlib.Path) -> int:
    problems = broken(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    pages = len(tree.files(root, ".md"))
    print(f"{pages} pages")
    return 1 if problems or not pages else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
