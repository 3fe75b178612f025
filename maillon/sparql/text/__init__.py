"""What can be known of a query from its text, before any engine sees it."""
