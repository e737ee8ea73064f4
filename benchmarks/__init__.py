"""What README and docs claim, re-measurable by anyone: `python -m benchmarks NAME`."""
