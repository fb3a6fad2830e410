"""The catalogue: how each provider behaves, as data (`*.toml`), and its reader."""
