"""Fails when a room includes what it may not. Usage: check_rooms.py ROOT

A room is a folder below server/. ARCHITECTURE.md says what each is for.
"""

import pathlib
import re
import sys

# What each room may include of the others: arrows point down only. A name with a slash is a single header.
ROOMS = {
    "base": set(),
    "config": {"base"},
    "metrics": {"config", "base"},
    "store": {"metrics", "config", "base"},
    "policy": {"base"},  # Pure: no clock, lock or I/O, so nothing that has them.
    "sip": {"policy", "store", "metrics", "config", "base"},
    "engine": {"sip/port.h", "policy", "store", "metrics", "config", "base"},
    "access": {"metrics", "config", "base"},
    "api": {"access", "engine", "policy", "store", "metrics", "config", "base"},
}

# Libraries that only these rooms see (client stands for the folder client/).
LIBRARIES = [
    (re.compile(r"\.grpc\.pb\.h$|^grpc(pp)?/|^grpc\+\+/"), {"api", "client"}),
    (re.compile(r"^sofia-sip/"), {"sip"}),
    (re.compile(r"^ares(_\w+)?\.h$"), {"sip"}),
    (re.compile(r"^prometheus/"), {"metrics"}),
    (re.compile(r"^sqlite3(ext)?\.h$"), {"store"}),
    (re.compile(r"^jwt\.h$"), {"access"}),
]

# What an include in quotes begins with: it is written from the root of the tree or of the generated files.
ROOTS = ("server/", "client/", "adieu/", "google/", "grpc/")

INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]+)[>\"]", re.MULTILINE)


def room_of(path: pathlib.PurePath) -> str:
    """`client`, the room's name, or `main` for what lies directly in server/."""
    if path.parts[0] == "client":
        return "client"
    return path.parts[1] if len(path.parts) > 2 else "main"


def complaint(room: str, quoted: bool, include: str) -> str | None:
    """Why this room may not include this, or None."""
    for library, rooms in LIBRARIES:
        if library.search(include) and room not in rooms:
            return f"only {' and '.join(sorted(rooms))} may"
    if (quoted and not include.startswith(ROOTS)) or ".." in pathlib.PurePath(include).parts:
        return "includes in quotes are written from the root"
    if include.startswith("client/"):
        return None if room == "client" else "the server does not know its clients"
    if not include.startswith("server/"):
        return None
    if room == "client":
        return "clients know only the API"
    other = room_of(pathlib.PurePath(include))
    if room in ("main", other):
        return None
    allowed = ROOMS[room]
    if other in allowed or include.removeprefix("server/") in allowed:
        return None
    return f"{room} may include only {', '.join(sorted(allowed)) or 'itself'}"


def check(root: pathlib.Path) -> tuple[list[str], int]:
    """The complaints, and how many files were read."""
    complaints = []
    sources = sorted(path for folder in ("server", "client") for path in (root / folder).rglob("*")
                     if path.suffix in (".h", ".cc", ".c"))
    for source in sources:
        name = source.relative_to(root)
        room = room_of(name)
        if room not in ROOMS and room not in ("main", "client"):
            complaints.append(f"{name}: there is no room {room}")
            continue
        text = source.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            why = complaint(room, match.group(1) == '"', match.group(2))
            if why:
                line = text.count("\n", 0, match.start()) + 1
                complaints.append(f"{name}:{line}: includes {match.group(2)}: {why}")
    return complaints, len(sources)


def main(root: pathlib.Path) -> int:
    complaints, count = check(root)
    for line in complaints:
        print(line, file=sys.stderr)
    print(f"{count} files")
    return 1 if complaints or not count else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
