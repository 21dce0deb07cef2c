"""Where series and events are kept: the contract, and the embedded store behind it."""
