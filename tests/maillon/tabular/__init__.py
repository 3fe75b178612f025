"""Tests of the conversion of tables; a package, so that its test modules share the types of conftest."""
