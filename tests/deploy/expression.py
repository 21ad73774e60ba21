"""What a PromQL expression names."""

import re

# `adieu_calls{...}`: the name, and what stands in the braces. No label value here has a brace.
_SELECTOR = re.compile(r"\b([a-zA-Z_][a-zA-Z0-9_:]*)\{([^}]*)\}")
# What adieud, Prometheus and the recording rules name; a label or a function is none.
_METRIC = re.compile(r"\b(?:adieu_|grpc_server_|process_|instance:)[a-z0-9_:]+|\bup\b|\bALERTS\b")
# The groups of labels behind these words name labels.
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_QUOTED = re.compile(r'"[^"]*"')


def selectors(expr):
    """[(metric, its matchers as text)]"""
    return _SELECTOR.findall(expr)


def metrics(expr):
    return set(_METRIC.findall(_LABELS.sub("", _QUOTED.sub('""', expr))))
