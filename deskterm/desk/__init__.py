"""The desk's rules: pure functions and plain records. No clock, database, network or screen in here."""
