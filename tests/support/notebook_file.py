"""Notebooks as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_notebook(directory: Path, *cells: str, name: str = "views.ipynb") -> str:
    """Write a notebook of these code cells; return its name."""
    notebook: dict[str, Any] = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell{number}",
                "metadata": {},
                "outputs": [],
                "source": cell,
            }
            for number, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (directory / name).write_text(json.dumps(notebook))
    return name
