"""Code: what a function does and what it names, transitively."""
