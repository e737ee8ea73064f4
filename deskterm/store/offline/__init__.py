"""A desk behind a server that goes on while the line is down: what was last seen is read, what is written waits.

`seen` keeps what was last seen, `outbox` what waits, `provisional` plays the one onto the other by the desk's own
rules, `sending` sends it when the line is back, and `store` is the remote store with all that behind it.
"""
