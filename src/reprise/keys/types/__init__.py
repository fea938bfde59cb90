"""Types: one encoder a type, and the tables that say which serves which."""
