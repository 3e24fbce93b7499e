"""The products that a company's chat can run on: a folder each, all in one shape."""
