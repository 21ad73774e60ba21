"""The forms of PromQL that the panels share.

A selector is written with `$at` for the instances that are chosen at the top of the dashboard:
`adieu_calls{$at, state="ringing"}`.
"""

_AT = 'job=~"$job", instance=~"$instance"'


def expand(expr):
    return expr.replace("$at", _AT)


def _grouped(by):
    return f"sum by ({by})" if by else "sum"


def per_second(selector, by=""):
    return f"{_grouped(by)} (rate({selector}[$__rate_interval]))"


def counted(selector, by=""):
    """How often in the time range, with the first count of a series that did not exist when the range began.

    Prometheus sees no increase in a series that appears with the value 1, and what is rare is what one looks for here.
    The first value counts only where the instance was scraped already when the range began: else the series may be an
    old one that is merely new to Prometheus.
    """
    known = f"{selector} offset $__range"
    first = f"min_over_time({selector}[$__range]) unless {known} and on (job, instance) up{{$at}} offset $__range"
    increase = f"increase({selector}[$__range])"
    return f"{_grouped(by)} ({increase} + (({first}) or 0 * {increase}))"


def share(part, whole):
    """Of what was counted in the time range: 0 to 1; nothing where there is no whole."""
    return f"(sum (increase({part}[$__range])) or vector(0)) / (sum (increase({whole}[$__range])) > 0)"


def quantile(q, histogram, by=""):
    """`histogram` is its selector, without `_bucket`."""
    name, brace, labels = histogram.partition("{")
    groups = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({groups}) (rate({name}_bucket{brace}{labels}[$__rate_interval])))"
