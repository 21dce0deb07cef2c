"""Route templates, read from what each framework leaves behind."""
