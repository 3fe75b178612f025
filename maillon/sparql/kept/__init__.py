"""Answers are made once: keys of answers, files that readers follow, the cache."""
