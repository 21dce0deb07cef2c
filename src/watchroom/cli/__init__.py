"""The command `watchroom`: one file per verb."""
