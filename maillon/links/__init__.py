"""Turns the web addresses of published datasets into what is known of them: whether a reader gets the file.

HTTP semantics (RFC 9110). One module a part; ``states`` holds the values that others read.
"""
