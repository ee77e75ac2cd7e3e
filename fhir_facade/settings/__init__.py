"""What a site decides, read from ``facade.toml``: ``model`` is the shape, ``load`` reads and judges it."""
