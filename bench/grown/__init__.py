"""What grows, each in a process of its own: `python -m bench.grown.synth 10` prints JSON with what it took."""
