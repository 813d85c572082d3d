"""Floor 2: who may call what, and who hears what. asyncio only."""
