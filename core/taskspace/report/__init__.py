"""From a page of blocks to one self-contained HTML file."""
