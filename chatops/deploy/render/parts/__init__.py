"""The parts of an installation, one module each: what runs, with what, and who reaches it."""
