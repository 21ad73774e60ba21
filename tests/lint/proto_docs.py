"""Fails when something in a .proto file has no comment: a message, field, extension, oneof, enum, enum value,
service or method. Usage: proto_docs.py PROTO_ROOT"""

import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

# Field numbers in descriptor.proto, which SourceCodeInfo's paths are made of.
FILE = {"message_type": 4, "enum_type": 5, "service": 6, "extension": 7}
MESSAGE = {"field": 2, "nested_type": 3, "enum_type": 4, "extension": 6, "oneof_decl": 8}


def parse(root: pathlib.Path) -> descriptor_pb2.FileDescriptorSet:
    names = [str(path.relative_to(root)) for path in sorted(root.rglob("*.proto"))]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", "-I", str(root), "--include_source_info", f"--descriptor_set_out={out.name}", *names],
                       check=True, timeout=60)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read())


def message_parts(message, path, name):
    if message.options.map_entry:
        return
    yield path, name
    for kind in ("field", "extension"):
        for i, field in enumerate(getattr(message, kind)):
            yield path + (MESSAGE[kind], i), f"{name}.{field.name}"
    for i, oneof in enumerate(message.oneof_decl):
        # protoc makes a oneof of each `optional` field; it cannot carry a comment.
        members = [field for field in message.field if field.HasField("oneof_index") and field.oneof_index == i]
        if not any(field.proto3_optional for field in members):
            yield path + (MESSAGE["oneof_decl"], i), f"{name}.{oneof.name}"
    for i, enum in enumerate(message.enum_type):
        yield from enum_parts(enum, path + (MESSAGE["enum_type"], i), f"{name}.{enum.name}")
    for i, nested in enumerate(message.nested_type):
        yield from message_parts(nested, path + (MESSAGE["nested_type"], i), f"{name}.{nested.name}")


def enum_parts(enum, path, name):
    yield path, name
    for i, value in enumerate(enum.value):
        yield path + (2, i), f"{name}.{value.name}"


def file_parts(file):
    for i, message in enumerate(file.message_type):
        yield from message_parts(message, (FILE["message_type"], i), message.name)
    for i, enum in enumerate(file.enum_type):
        yield from enum_parts(enum, (FILE["enum_type"], i), enum.name)
    for i, extension in enumerate(file.extension):
        yield (FILE["extension"], i), extension.name
    for i, service in enumerate(file.service):
        yield (FILE["service"], i), service.name
        for j, method in enumerate(service.method):
            yield (FILE["service"], i, 2, j), f"{service.name}.{method.name}"


def undocumented(root: pathlib.Path) -> tuple[list[str], int]:
    """The names without a comment, and how many names there are."""
    problems = []
    count = 0
    for file in parse(root).file:
        commented = {tuple(place.path) for place in file.source_code_info.location if place.leading_comments.strip()}
        for path, name in file_parts(file):
            count += 1
            if path not in commented:
                problems.append(f"{file.name}: {name} has no comment")
    return problems, count


def main(root: pathlib.Path) -> int:
    problems, count = undocumented(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{count} names")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
