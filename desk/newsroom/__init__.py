"""The demo newsroom: invented publishers that serve feeds and article pages over real HTTP on loopback."""
