"""Floor 4a: the Jupyter server process. Never imports IPython or ipykernel."""
