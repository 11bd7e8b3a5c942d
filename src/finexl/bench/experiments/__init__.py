"""One module an experiment; each has an EXPERIMENT (see `finexl.bench.runner`)."""
