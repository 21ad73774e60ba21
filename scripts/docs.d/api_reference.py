"""Prints the reference of the API: what the comments of the protos say. Usage: api_reference.py ROOT"""

import pathlib
import re
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool

# Field numbers in descriptor.proto, which SourceCodeInfo's paths are made of.
MESSAGES, ENUMS, SERVICES = 4, 5, 6
FIELDS, VALUES, METHODS, NESTED, NESTED_ENUMS, ONEOFS = 2, 2, 2, 3, 4, 8
Field = descriptor_pb2.FieldDescriptorProto
PACKAGE = ".adieu.v1."
# Where an error begins in the comment of a method: `NOT_FOUND (CALL_NOT_FOUND): no such call`.
ERROR = re.compile(r"(?:^|(?<=\. ))(?=(?:INVALID_ARGUMENT|NOT_FOUND|ALREADY_EXISTS|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE"
                   r"|UNAVAILABLE|RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED|PERMISSION_DENIED|UNAUTHENTICATED|INTERNAL)\b)")

HEAD = """# API reference

The gRPC API of `adieud`, package `adieu.v1`. This page is made from [its protos](../proto/adieu/v1) by `scripts/docs`;
a test fails when it is stale.

- The server has gRPC reflection and `grpc.health.v1.Health`. Programs to begin from are in [examples](../examples).
- Resource names: `calls/{call}`, `terminations/{termination}`, `sweeps/{sweep}`, `cancelPolicies/{cancel_policy}`.
- In JSON and YAML fields have the names below. Enum values are printed as below, and read without their prefix too.
- A field that is not set is its zero: an empty text, `0`, `false`, the first value of an enum.
- Every error has a `google.rpc.ErrorInfo` with domain `adieu.v1` and the reason in capitals that is named here; a wrong
  field is named by a `google.rpc.BadRequest`, a time to wait by a `google.rpc.RetryInfo`.
"""


def parse(root):
    """Every file of the API, with its comments."""
    names = sorted(str(path.relative_to(root)) for path in (root / "adieu/v1").glob("*.proto"))
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", "-I", str(root), "--include_source_info", "--include_imports",
                        f"--descriptor_set_out={out.name}", *names], check=True, timeout=60)
        data = out.read()
    # Known to the pool, the options that the protos define can be read.
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        file.ClearField("source_code_info")
        descriptor_pool.Default().Add(file)
    return [file for file in descriptor_pb2.FileDescriptorSet.FromString(data).file if file.name in names]


class Comments:
    def __init__(self, file):
        self._texts = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}

    def paragraphs(self, *path):
        text = self._texts.get(path, "")
        return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]

    def cell(self, *path):
        return "<br>".join(self.paragraphs(*path)).replace("|", "\\|")


def link(full_name):
    """`.adieu.v1.Call` as a link, a type of somebody else as its name."""
    if not full_name.startswith(PACKAGE):
        return f"`{full_name.removeprefix('.')}`"
    name = full_name.removeprefix(PACKAGE)
    return f"[{name}](#{name.lower().replace('.', '')})"


def type_of(field, maps):
    if field.type_name in maps:
        key, value = maps[field.type_name].field
        return f"map of {type_of(key, {})} to {type_of(value, {})}"
    named = field.type in (Field.TYPE_MESSAGE, Field.TYPE_ENUM)
    name = link(field.type_name) if named else Field.Type.Name(field.type).removeprefix("TYPE_").lower()
    return f"list of {name}" if field.label == Field.LABEL_REPEATED else name


def is_personal(field):
    """Whether the field tells about people: it carries the option `sensitivity`."""
    sensitivity = descriptor_pool.Default().FindExtensionByName("adieu.v1.sensitivity")
    return field.options.HasExtension(sensitivity)


def role_of(method):
    """The least role that may call it."""
    least = method.options.Extensions[descriptor_pool.Default().FindExtensionByName("adieu.v1.least_role")]
    role = descriptor_pool.Default().FindEnumTypeByName("adieu.v1.Role").values_by_number[least]
    return role.name.removeprefix("ROLE_")


def message_table(message, path, name, comments):
    maps = {f"{PACKAGE}{name}.{nested.name}": nested for nested in message.nested_type if nested.options.map_entry}
    lines = ["| field | type | meaning |", "|---|---|---|"]
    oneof = None
    for i, field in enumerate(message.field):
        inside = field.oneof_index if field.HasField("oneof_index") and not field.proto3_optional else None
        if inside is not None and inside != oneof:
            choice = message.oneof_decl[inside].name
            lines.append(f"| *{choice}* | one of the next | {comments.cell(*path, ONEOFS, inside)} |")
        oneof = inside
        mark = "↳ " if inside is not None else ""
        personal = " *Personal.*" if is_personal(field) else ""
        lines.append(f"| {mark}`{field.name}` | {type_of(field, maps)} | {comments.cell(*path, FIELDS, i)}{personal} |")
    return lines if message.field else []


def message_part(message, path, outer, comments):
    name = f"{outer}{message.name}"
    yield name, [f"### {name}", *comments.paragraphs(*path), "\n".join(message_table(message, path, name, comments))]
    for i, enum in enumerate(message.enum_type):
        yield enum_part(enum, (*path, NESTED_ENUMS, i), f"{name}.", comments)
    for i, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from message_part(nested, (*path, NESTED, i), f"{name}.", comments)


def enum_part(enum, path, outer, comments):
    name = f"{outer}{enum.name}"
    rows = [f"| `{value.name}` | {comments.cell(*path, VALUES, i)} |" for i, value in enumerate(enum.value)]
    return name, [f"### {name}", *comments.paragraphs(*path), "\n".join(["| value | meaning |", "|---|---|", *rows])]


def service_part(service, path, comments):
    yield f"## {service.name}"
    yield from comments.paragraphs(*path)
    for i, method in enumerate(service.method):
        stream = "stream of " if method.server_streaming else ""
        yield f"### {method.name}"
        yield f"{link(method.input_type)} → {stream}{link(method.output_type)}, least role: `{role_of(method)}`"
        for text in comments.paragraphs(*path, METHODS, i):
            errors = [error.strip() for error in ERROR.split(text) if error]
            yield "\n".join(f"- {error}" for error in errors) if ERROR.match(text) else text


def page(root):
    services, types = [], {}
    for file in parse(root / "proto"):
        comments = Comments(file)
        for i, service in enumerate(file.service):
            services += service_part(service, (SERVICES, i), comments)
        for i, message in enumerate(file.message_type):
            types.update(message_part(message, (MESSAGES, i), "", comments))
        types.update(enum_part(enum, (ENUMS, i), "", comments) for i, enum in enumerate(file.enum_type))
    parts = [HEAD.strip(), *services, "## Types",
             "*Personal* fields tell about people: they are masked in logs and for viewers."]
    for name in sorted(types):
        parts += types[name]
    return "\n\n".join(part for part in parts if part) + "\n"


if __name__ == "__main__":
    print(page(pathlib.Path(sys.argv[1]).resolve()), end="")
