"""What a notebook shows: the shelf of views, and their MIME output."""
