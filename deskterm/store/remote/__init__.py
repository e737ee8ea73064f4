"""A desk behind `deskterm serve`: the same protocol over HTTP. Server and client share `operations`."""
