"""What is measured: each group starts its servers, measures them side by side, and gives rows of the table."""

from . import components, dispatching, javascript, neighbours, proxying, standing, tenants, tls, uploads

GROUPS = {
    "hello": components.hello,
    "echo": components.echo,
    "javascript": javascript.javascript,
    "dispatch": dispatching.dispatch,
    "pass": proxying.passing,
    "cache": proxying.caching,
    "tls": tls.handshakes,
    "tenants": tenants.many,
    "cold": tenants.cold,
    "neighbour": neighbours.loops,
    "uploads": uploads.uploads,
    "metrics": standing.metrics,
    "idle": standing.idle,
    "memory": standing.memory,
}
