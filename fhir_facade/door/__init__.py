"""Bytes ⇄ plain request and plain answer: the only room that knows Flask."""
