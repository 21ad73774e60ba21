"""Protobuf messages of any type with odd values, drawn from one seeded generator."""

from google.protobuf.descriptor import FieldDescriptor as Field

_NUMBERS = (0, 0, 1, 2, -1, 16, 60, 299, 300, 302, 400, 401, 480, 486, 487, 603, 699, 700, 1000, 1 << 31, (1 << 31) - 1,
            -(1 << 31), (1 << 63) - 1, -(1 << 63), (1 << 64) - 1)
_TEXTS = (
    "", "a", "*", "-", "calls/", "calls/x", "calls/../x", "cancelPolicies/", "cancelPolicies/builtin", "terminations/x",
    "sip:a@example.com", "sip:b@example.com\r\nX-Injected: 1", "tel:+1", "https://example.com/\"x\"", "a\r\nX-Injected: 1",
    "\r\n\r\n", "\0", "\x1b[2J", "\u2028", "\u00e9" * 300, "a" * 70000, "\"", "\\", "\"; x=\"", "192.0.2.0/24", "::/0",
    "300.0.0.0/8", ".*", "(a*)*b", "((a{100}){100}){100}", "(?i)[^(]*", "(", "X-A", "Via", "Call-ID", "Content-Length",
    "queue", "Bearer x", "1970-01-01T00:00:00Z",
)
_WIDTH = {Field.CPPTYPE_INT32: (32, True), Field.CPPTYPE_INT64: (64, True), Field.CPPTYPE_UINT32: (32, False),
          Field.CPPTYPE_UINT64: (64, False)}
_DEEPEST = 12


class OddMessages:
    """`known`: texts that name something here; more of them may be added while it works."""

    def __init__(self, rng, known):
        self.rng = rng
        self.known = known

    def fill(self, message, depth=0):
        """Sets some fields of the message."""
        left_out = self.rng.choice((0.3, 0.55, 0.8))
        for field in message.DESCRIPTOR.fields:
            if self.rng.random() < left_out or depth > _DEEPEST:
                continue
            if field.containing_oneof and message.WhichOneof(field.containing_oneof.name):
                continue
            self._set(message, field, depth)
        return message

    def change_one(self, message):
        """Sets one field, of the message or of one that it holds."""
        while True:
            field = self.rng.choice(message.DESCRIPTOR.fields) if message.DESCRIPTOR.fields else None
            if field is None:
                return
            held = field.message_type and not field.message_type.GetOptions().map_entry and (
                list(getattr(message, field.name)) if field.label == Field.LABEL_REPEATED else
                [getattr(message, field.name)] if message.HasField(field.name) else [])
            if not held or self.rng.random() < 0.2:
                self._set(message, field, 1)
                return
            message = self.rng.choice(held)

    def _set(self, message, field, depth):
        here = getattr(message, field.name)
        if field.message_type and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            for _ in range(self.rng.choice((1, 1, 3, 40))):
                if not value.message_type:
                    here[self._text()] = self._value(value)
        elif field.label == Field.LABEL_REPEATED:
            for _ in range(self.rng.choice((1, 1, 1, 2, 3)) if depth else self.rng.choice((1, 2, 20, 300))):
                if field.message_type:
                    self.fill(here.add(), depth + 1)
                else:
                    here.append(self._value(field))
        elif field.message_type:
            here.SetInParent()
            self.fill(here, depth + 1)
        else:
            setattr(message, field.name, self._value(field))

    def _text(self):
        return self.rng.choice(self.known) if self.known and self.rng.random() < 0.7 else self.rng.choice(_TEXTS)

    def _value(self, field):
        if field.cpp_type in _WIDTH:
            bits, is_signed = _WIDTH[field.cpp_type]
            number = self.rng.choice(_NUMBERS) % (1 << bits)
            return number - (1 << bits) if is_signed and number >= 1 << (bits - 1) else number
        if field.cpp_type == Field.CPPTYPE_ENUM:
            return self.rng.choice((*field.enum_type.values_by_number, 77, -1))
        if field.cpp_type == Field.CPPTYPE_BOOL:
            return self.rng.random() < 0.5
        if field.cpp_type == Field.CPPTYPE_STRING:
            text = self._text()
            return text.encode() if field.type == Field.TYPE_BYTES else text
        return self.rng.choice((0.0, -1.0, 1e308, float("nan"), float("inf")))
