"""The dashboard: what rang and on what evidence, whether anything is blind, how far behind, what was delivered."""
