"""Stock wslink software, unchanged, on our endpoints. None of it is imported until it is used."""
