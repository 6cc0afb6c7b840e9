"""Tests of the commerce world."""
