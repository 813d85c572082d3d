"""A wslink server without Jupyter: floor 4c."""
