"""What the section "File" of FORMAT.md needs of protocol buffers (protobuf.dev/programming-guides/encoding)."""

from arithmetic import Invalid, check


def varint(data, at):
    """An integer, and where it ends."""
    value = shift = 0
    while True:
        check(at < len(data) and shift <= 63, "the model's file is cut off")
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def varints(data):
    """A packed list."""
    out, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        out.append(value)
    return out


def fields(message):
    """Yields the fields of a message as (number, integer or bytes)."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(message, at)
        elif kind in (1, 2, 5):
            size = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                size, at = varint(message, at)
            check(at + size <= len(message), "the model's file is cut off")
            value, at = message[at : at + size], at + size
        else:
            raise Invalid("the model's file is damaged")
        yield tag >> 3, value


def field(message, number, otherwise=b""):
    """The last field with a number."""
    found = [value for n, value in fields(message) if n == number]
    return found[-1] if found else otherwise
