"""What is measured of a system; each returns figures by name with their unit."""
