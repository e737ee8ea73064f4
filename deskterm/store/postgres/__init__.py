"""A desk in a PostgreSQL database: what that does in its own way (extra `postgres`).

Reading, deciding and writing are those of every SQL store. Here is how such a place is named (`address`), opened and
brought up to date (`preparing`, `settling`), written and read (`connections`), watched (`listening`), and what is said
where it fails (`trouble`).
"""
