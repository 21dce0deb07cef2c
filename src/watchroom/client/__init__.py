"""Questions to a server from a program: PromQL in, frames of pandas or polars out."""
