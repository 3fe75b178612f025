"""Query workers: processes that evaluate one query at a time, and those that watch over them."""
