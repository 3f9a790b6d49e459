"""The judge: whether a new version fails more often than the live one, or is slower. Pure."""
