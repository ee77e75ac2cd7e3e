"""The files in ``capability/``, read once: what this server promises, and therefore what the code obeys."""
