"""Scraping: fetch the metrics of targets, as a Prometheus would."""
