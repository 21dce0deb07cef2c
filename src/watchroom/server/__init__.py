"""Where the parts are built and joined, and the process that runs them."""
