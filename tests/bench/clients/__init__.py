"""The client program: asyncio on aiohttp's WebSocket client, for every system."""
