"""Models behind somebody's server. Its weights cannot be hashed: stored images are as good as the server is constant."""
