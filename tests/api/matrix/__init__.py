"""Interactions × types × scopes × whose it is: what is answered, held against what the contract promises."""
