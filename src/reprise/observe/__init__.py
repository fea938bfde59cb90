"""What the cache can tell about itself."""
